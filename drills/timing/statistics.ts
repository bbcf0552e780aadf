import { randomInt } from 'node:crypto';
import { quantile } from '../../bench/rounds.ts';

/** How far the times of one group lie from another's. Milliseconds. */
export interface Difference {
  readonly medianMs: number;
  readonly ofMediansMs: number;
  /** Between which, in 95 of 100 resamplings of both groups, the difference of medians lies. */
  readonly interval: readonly [number, number];
  /** More than 5 % of the smaller median, more than 5 ms, and more than chance: the interval leaves out zero. */
  readonly isSignificant: boolean;
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);

const resampled = (values: readonly number[]): number[] =>
  values.map(() => values[randomInt(values.length)] as number);

/** Compares a group with another by their medians. */
export function compare(group: readonly number[], with_: readonly number[]): Difference {
  const [one, other] = [median(group), median(with_)];
  const differences = Array.from(
    { length: 1_000 },
    () => median(resampled(group)) - median(resampled(with_)),
  );
  const distance = Math.abs(one - other);
  const interval = [quantile(differences, 0.025), quantile(differences, 0.975)] as const;
  const isBeyondChance = interval[0] > 0 || interval[1] < 0;
  return {
    medianMs: one,
    ofMediansMs: one - other,
    interval,
    isSignificant: isBeyondChance && distance > 5 && distance > 0.05 * Math.min(one, other),
  };
}
