import { setTimeout as sleep } from 'node:timers/promises';

/** Asks again until the answer is what is waited for. @throws Error after `patienceMs`, with the last answer */
export async function until<Result>(
  ask: () => Result | Promise<Result>,
  isIt: (result: Result) => boolean,
  patienceMs = 60_000,
): Promise<Result> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const result = await ask();
    if (isIt(result)) return result;
    if (Date.now() > deadline) throw new Error(`waited in vain; at last: ${JSON.stringify(result)}`);
    await sleep(25);
  }
}

/** Sleeps until an instant that the API has told (ISO 8601) is past. */
export const untilPast = (instant: string): Promise<void> =>
  sleep(Math.max(0, Date.parse(instant) - Date.now()) + 20);
