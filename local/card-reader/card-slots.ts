import { sameSecret } from '../../platform/secrets.ts';

/** What came of a PIN that was entered. */
export type PinOutcome =
  | { readonly kind: 'right' }
  | { readonly kind: 'wrong'; readonly left: number }
  | { readonly kind: 'blocked' };

const maxTries = 3;

/** The counters of the cards' PINs, as the chips of real ones keep them. In memory: a restart is a new card. */
export class CardSlots {
  readonly #wrong = new Map<string, number>();

  triesLeft(id: string): number {
    return maxTries - (this.#wrong.get(id) ?? 0);
  }

  /** Counts before comparing, as a chip does. */
  enter({ id, pin }: { readonly id: string; readonly pin: string }, entered: string): PinOutcome {
    if (this.triesLeft(id) === 0) return { kind: 'blocked' };
    this.#wrong.set(id, (this.#wrong.get(id) ?? 0) + 1);
    if (sameSecret(entered, pin)) {
      this.#wrong.delete(id);
      return { kind: 'right' };
    }
    const left = this.triesLeft(id);
    return left === 0 ? { kind: 'blocked' } : { kind: 'wrong', left };
  }

  unblock(id: string): void {
    this.#wrong.delete(id);
  }
}
