import { setTimeout as sleep } from 'node:timers/promises';

/** Waits until a URL answers 200, asking ten times a second. @returns false if it did not within `ms`, or `stop` fired. */
export async function waitUntilReady(url: string, ms: number, stop: AbortSignal): Promise<boolean> {
  for (const end = Date.now() + ms; Date.now() < end && !stop.aborted; ) {
    const signal = AbortSignal.any([stop, AbortSignal.timeout(5_000)]);
    const status = await fetch(url, { signal }).then(
      async (response) => {
        await response.body?.cancel();
        return response.status;
      },
      () => undefined,
    );
    if (status === 200) return true;
    await sleep(100);
  }
  return false;
}
