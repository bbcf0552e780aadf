import { expect, test } from '@jest/globals';
import { shareProbe } from './share-probe.ts';

test('concurrent callers share one probe, whose result is kept for a second', async () => {
  let nowMs = 0;
  let probes = 0;
  const asked: ((isUp: boolean) => void)[] = [];
  const answer = (isUp: boolean) => {
    for (const each of asked.splice(0)) each(isUp);
  };
  const isUp = shareProbe(
    () => {
      probes += 1;
      return new Promise<void>((resolve, reject) => {
        asked.push((up) => (up ? resolve() : reject(new Error('away'))));
      });
    },
    () => nowMs,
  );
  const first = [isUp(), isUp()];
  // However long it takes, there is no second one beside it.
  nowMs = 60_000;
  first.push(isUp());
  expect(probes).toBe(1);
  answer(true);
  expect(await Promise.all(first)).toEqual([true, true, true]);
  nowMs = 60_999;
  const kept = isUp();
  expect(probes).toBe(1);
  expect(await kept).toBe(true);
  nowMs = 61_000;
  const later = [isUp(), isUp()];
  answer(false);
  expect(await Promise.all(later)).toEqual([false, false]);
  const stillAway = isUp();
  expect(probes).toBe(2);
  expect(await stillAway).toBe(false);
});
