import { expect, test } from '@jest/globals';
import { createAnswerCache } from './answer-cache.ts';

/** A cache under a clock of the test, and what asks it: each call is answered when the test says so. */
function newCache(cacheTtlMs: number) {
  const time = { now: 1_000 };
  const cache = createAnswerCache<{ name: string; validUntilMs: number }>({
    ...{ clock: { now: () => time.now }, cacheTtlMs, maxEntries: 2 },
  });
  const asked: ((name: string | undefined) => void)[] = [];
  const ask = (key: string, validUntilMs = 1_000_000) =>
    cache(
      key,
      () =>
        new Promise((resolve) => {
          asked.push((name) => resolve(name === undefined ? undefined : { name, validUntilMs }));
        }),
    ).then((answer) => answer?.name);
  return { time, asked, ask };
}

test('concurrent callers share one request, and the next one asks anew', async () => {
  const { asked, ask } = newCache(0);
  const [first, second, other] = [ask('a'), ask('a'), ask('b')];
  expect(asked).toHaveLength(2);
  asked[0]?.('of a');
  asked[1]?.('of b');
  expect(await Promise.all([first, second, other])).toEqual(['of a', 'of a', 'of b']);
  const third = ask('a');
  asked[2]?.('later');
  expect(await third).toBe('later');
});

test.each([
  ['as long as the setting says', 500, 1_000_000, 1_499, 1_500],
  ['no longer than it is valid', 5_000, 2_000, 1_999, 2_000],
])('an answer is cached %s', async (_what, ttlMs, validUntilMs, within, after) => {
  const { time, asked, ask } = newCache(ttlMs);
  const first = ask('a', validUntilMs);
  asked[0]?.('first');
  expect(await first).toBe('first');
  time.now = within;
  expect(await ask('a')).toBe('first');
  time.now = after;
  void ask('a');
  expect(asked).toHaveLength(2);
});

test('no answer is not cached, nor a failure, nor more than the most', async () => {
  const { asked, ask } = newCache(5_000);
  const none = ask('a');
  asked[0]?.(undefined);
  expect(await none).toBeUndefined();
  for (const key of ['a', 'b', 'c']) {
    const answer = ask(key);
    asked.at(-1)?.(key);
    expect(await answer).toBe(key);
  }
  expect(await ask('c')).toBe('c');
  void ask('a');
  expect(asked).toHaveLength(5);
});
