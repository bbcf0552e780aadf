import { setTimeout as sleep } from 'node:timers/promises';

/** The status of an answer, undefined if there is none. */
export type GetStatus = (url: string, signal: AbortSignal) => Promise<number | undefined>;

const getStatus: GetStatus = (url, signal) =>
  fetch(url, { signal }).then(
    async (response) => {
      await response.body?.cancel();
      return response.status;
    },
    () => undefined,
  );

/** Waits until a URL answers 200, asking ten times a second. @returns false if it did not within `ms`, or `stop` fired. */
export async function waitUntilReady(
  url: string,
  ms: number,
  stop: AbortSignal,
  statusOf: GetStatus = getStatus,
): Promise<boolean> {
  for (const end = Date.now() + ms; Date.now() < end && !stop.aborted; ) {
    const signal = AbortSignal.any([stop, AbortSignal.timeout(5_000)]);
    if ((await statusOf(url, signal)) === 200) return true;
    await sleep(100);
  }
  return false;
}
