import { Citizen, type DrillEnvironment } from './citizen.ts';
import { journeyOf } from './journeys.ts';
import type { JourneyRequest } from './plan.ts';
import type { Step } from './steps.ts';
import { verifyCitizen } from './verify-citizen.ts';

/** How one citizen fared in one run. */
export interface CitizenResult {
  readonly place: JourneyRequest;
  readonly citizen: Citizen;
  /** Whether the request was under way when the fault was injected. */
  caught: 'before' | 'during' | 'after';
  /** At once: with the first attempt. Otherwise a request was repeated, or another SMS was sent. */
  how: 'at once' | 'repeated' | 'another SMS';
  /** Time from the fault to the next answer. */
  recoveryMs: number;
  /** Violations, in words. */
  readonly findings: string[];
}

/** Leads a citizen to one request of one journey, sends it around the fault, and finishes the journey. */
export class Actor {
  readonly #citizen: Citizen;
  readonly #place: JourneyRequest;
  readonly #here: Step;
  readonly #earlier: readonly Step[];
  readonly #later: readonly Step[];
  readonly #findings: string[] = [];
  #sentAtMs = Number.POSITIVE_INFINITY;
  #answeredAtMs = Number.POSITIVE_INFINITY;

  constructor(environment: DrillEnvironment, place: JourneyRequest, variant: number) {
    const { before, steps, afterwards } = journeyOf(place.journey, variant);
    const index = steps.findIndex(({ name }) => name === place.step);
    this.#citizen = new Citizen(environment);
    this.#place = place;
    this.#here = steps[index] as Step;
    this.#earlier = [...before, ...steps.slice(0, index)];
    this.#later = [...steps.slice(index + 1), ...afterwards];
  }

  /** Takes the steps up to the observed request, which is then ready to be sent. */
  prepare(): Promise<void> {
    return this.#guarded('on the way', async () => {
      for (const step of this.#earlier) await this.#take(step);
      await this.#here.prepare?.(this.#citizen);
    });
  }

  act(): Promise<void> {
    return this.#guarded(this.#here.name, async () => {
      this.#sentAtMs = performance.now();
      await this.#here.act(this.#citizen);
      this.#answeredAtMs = performance.now();
    });
  }

  /** Takes the steps to the end of the journey, and verifies the citizen's state. */
  finish(): Promise<void> {
    return this.#guarded('afterwards', async () => {
      for (const step of this.#later) await this.#take(step);
      await verifyCitizen(this.#citizen);
    });
  }

  result(faultAtMs: number): CitizenResult {
    const { resends } = this.#citizen;
    const { answers } = this.#citizen.client;
    const since = answers.filter(({ atMs }) => atMs > faultAtMs);
    const repeated = since.some(({ repeats }) => repeats > 0);
    return {
      place: this.#place,
      citizen: this.#citizen,
      findings: this.#findings,
      caught: faultAtMs < this.#sentAtMs ? 'before' : faultAtMs < this.#answeredAtMs ? 'during' : 'after',
      how: resends > 0 ? 'another SMS' : repeated ? 'repeated' : 'at once',
      recoveryMs: (since[0]?.atMs ?? faultAtMs) - faultAtMs,
    };
  }

  async #take(step: Step): Promise<void> {
    await step.prepare?.(this.#citizen);
    await step.act(this.#citizen);
  }

  /** A finding ends this citizen's run; the others continue. */
  async #guarded(where: string, work: () => Promise<void>): Promise<void> {
    if (this.#findings.length > 0) return;
    try {
      await work();
    } catch (error) {
      this.#findings.push(`${where}: ${(error as Error).message}`);
    }
  }
}
