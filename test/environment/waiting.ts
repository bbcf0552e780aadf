import { setTimeout as sleep } from 'node:timers/promises';

/** The first pause between two polls, and the longest: what does not come at once is asked for less and less often. */
const [firstPauseMs, longestPauseMs] = [20, 150];

/** Polls until the result satisfies the condition. @throws Error after `timeoutMs`, with the last result */
export async function until<Result>(
  ask: () => Result | Promise<Result>,
  isIt: (result: Result) => boolean,
  timeoutMs = 60_000,
): Promise<Result> {
  const deadline = Date.now() + timeoutMs;
  let pauseMs = firstPauseMs;
  for (;;) {
    const result = await ask();
    if (isIt(result)) return result;
    if (Date.now() > deadline) throw new Error(`timed out; last result: ${JSON.stringify(result)}`);
    await sleep(pauseMs);
    pauseMs = Math.min(pauseMs * 1.3, longestPauseMs);
  }
}

/** Sleeps until an ISO 8601 instant from the API is past. */
export const untilPast = (instant: string): Promise<void> =>
  sleep(Math.max(0, Date.parse(instant) - Date.now()) + 20);
