import { setTimeout as sleep } from 'node:timers/promises';

// A page waits no longer than this for what it can do without.
const timeoutMs = 1_500;

/** What a promise resolves to, or undefined if that takes too long. It must not reject. */
export const inTime = <Value>(reply: Promise<Value>): Promise<Value | undefined> =>
  Promise.race([reply, sleep(timeoutMs, undefined, { ref: false })]);
