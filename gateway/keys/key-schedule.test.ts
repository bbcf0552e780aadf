import { expect, test } from '@jest/globals';
import { type KeyInstants, keySchedule, nextKey, signingKey } from './key-schedule.ts';

const dayMs = 86_400_000;
const startMs = Date.parse('2026-01-01T00:00:00Z');

test('over two years a key always signs, was published two days before, and verifies for thirty days after', () => {
  const keys: KeyInstants[] = [];
  const madeAtMs = new Map<number, number>();
  let signed: KeyInstants | undefined;
  for (let nowMs = startMs; nowMs < startMs + 730 * dayMs; nowMs += dayMs / 4) {
    const due = nextKey(keys, keys.length, nowMs);
    if (due) {
      keys.push(due);
      madeAtMs.set(due.number, nowMs);
    }
    const signing = signingKey(keys, nowMs);
    expect(signing).toBeDefined();
    if (signing && signing !== signed && signed) {
      expect(nowMs - (madeAtMs.get(signing.number) ?? nowMs)).toBeGreaterThanOrEqual(
        keySchedule.publishedBeforeDays * dayMs,
      );
      expect(signed.retiresAt.getTime() - nowMs).toBeGreaterThanOrEqual(
        (keySchedule.verifiesDays - 1) * dayMs,
      );
    }
    signed = signing;
  }
  expect(keys.length).toBe(9);
});

test('a gateway that has slept over the end of a key signs with it until the next has been published', () => {
  const first = nextKey([], 0, startMs);
  const lateMs = startMs + 100 * dayMs;
  const second = first && nextKey([first], 1, lateMs);
  expect(second?.signsFrom.getTime()).toBe(lateMs + 2 * dayMs);
  expect(first && second && signingKey([first, second], lateMs)).toBe(first);
});

test('after a year of sleep nothing signs any more, and a new key does at once', () => {
  const first = nextKey([], 0, startMs);
  const nowMs = startMs + 365 * dayMs;
  const second = first && nextKey([first], 1, nowMs);
  expect(second?.number).toBe(2);
  expect(second && signingKey([first, second], nowMs)).toBe(second);
});

test('a process whose clock is behind makes no second key', () => {
  const first = nextKey([], 0, startMs);
  expect(first && nextKey([first], 1, startMs - 60_000)).toBeUndefined();
});
