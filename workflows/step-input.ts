/**
 * The one input that a step of a journey awaits. A handler submits it and waits; the step that takes it either moves the
 * journey on or rejects the input, and then awaits another.
 */
export class StepInput<Input> {
  private submitted: Input | undefined;

  /** The input that was submitted and not rejected. */
  get value(): Input | undefined {
    return this.submitted;
  }

  submit(input: Input): void {
    this.submitted = input;
  }

  reject(): void {
    this.submitted = undefined;
  }
}
