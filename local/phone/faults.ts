import { z } from 'zod';

const shape = z.strictObject({
  /** The number that it concerns; all if absent. */
  to: z.string().optional(),
  /** How many requests it concerns; every one, until cleared, if absent. */
  times: z.int().min(1).optional(),
  /** Waits before anything else: longer than the client's patience, and it is a time-out. */
  delayMs: z.int().min(0).max(600_000).optional(),
  /** Refuses with this HTTP status, 400 to 599. */
  status: z.int().min(400).max(599).optional(),
  /** Twilio's code: in the refusal, or with `delivery` in the status callback. */
  code: z.int().optional(),
  message: z.string().optional(),
  /** Seconds, sent as Retry-After with the refusal. */
  retryAfter: z.int().min(0).optional(),
  /** Takes the message, then cuts the connection without an answer. */
  acceptAndDie: z.boolean().optional(),
  /** Cuts the connection without taking the message. */
  die: z.boolean().optional(),
  /** Takes the message and answers 201, but it never arrives. */
  delivery: z.enum(['undelivered', 'failed']).optional(),
  /** Sends no status callback for the message. */
  silent: z.boolean().optional(),
});

/** A way for the phone to misbehave towards those who send. */
export type Fault = z.infer<typeof shape>;

/** Reads a fault from outside. @returns undefined if it is none. */
export const readFault = (value: unknown): Fault | undefined => shape.safeParse(value).data;

/** The faults in force. */
export class Faults {
  #faults: { fault: Fault; left: number }[] = [];

  add(fault: Fault): void {
    this.#faults.push({ fault, left: fault.times ?? Number.POSITIVE_INFINITY });
  }

  /** The oldest fault that concerns this number, counted as used. */
  take(to: string): Fault | undefined {
    const found = this.#faults.find(({ fault }) => fault.to === undefined || fault.to === to);
    if (!found) return undefined;
    found.left -= 1;
    if (found.left <= 0) this.#faults = this.#faults.filter((other) => other !== found);
    return found.fault;
  }

  list(): readonly Fault[] {
    return this.#faults.map(({ fault }) => fault);
  }

  clear(): void {
    this.#faults = [];
  }
}
