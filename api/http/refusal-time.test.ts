import { expect, test } from '@jest/globals';
import { refusalLeavesAtMs, systemTimer } from './refusal-time.ts';

test.each([
  [0, 100],
  [0.5, 100],
  [99, 100],
  [100, 100],
  [100.5, 200],
  [199, 200],
  [1_234, 1_300],
])(
  'a refusal decided %d ms after the request was read leaves at a multiple of the period: %d ms',
  (after, leaves) => {
    const readAtMs = 5_000.25;
    const decided = { readAtMs, decidedAtMs: readAtMs + after, periodMs: 100 };
    expect(refusalLeavesAtMs(decided)).toBe(readAtMs + leaves);
  },
);

test('the timer of the system waits as long as it is told', async () => {
  const startedAt = systemTimer.now();
  await systemTimer.wait(30);
  // Timers may fire a millisecond early.
  expect(systemTimer.now() - startedAt).toBeGreaterThanOrEqual(28);
});
