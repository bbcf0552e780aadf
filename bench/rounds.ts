/** One measured number of several rounds. */
export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

/** @throws RangeError of nothing */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  const [low, high] = [sorted[Math.floor(middle)], sorted[Math.ceil(middle)]];
  const [least, most] = [sorted[0], sorted.at(-1)];
  if (low === undefined || high === undefined || least === undefined || most === undefined)
    throw new RangeError('a spread of nothing');
  return { median: (low + high) / 2, least, most };
}

/** The value below which a share of all lies; `share` between 0 and 1. @throws RangeError of nothing */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const value = sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
  if (value === undefined) throw new RangeError('a quantile of nothing');
  return value;
}

/** What was measured of baseline and product in one round, next to each other. */
export interface Pair<Measured> {
  readonly baseline: Measured;
  readonly product: Measured;
}

/** Product and baseline side by side: rates, and the ratio of the two in each round. */
export interface RoundComparison extends Pair<Spread> {
  readonly ratio: Spread;
}

/** Measures baseline and product in turn, for `rounds` rounds, in changing order: other load of the machine affects both. */
export async function alternately<Measured>(
  rounds: number,
  baseline: () => Promise<Measured>,
  product: () => Promise<Measured>,
): Promise<Pair<Measured>[]> {
  const measured: Pair<Measured>[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const isBaselineFirst = round % 2 === 0;
    const first = await (isBaselineFirst ? baseline : product)();
    const second = await (isBaselineFirst ? product : baseline)();
    measured.push(
      isBaselineFirst ? { baseline: first, product: second } : { baseline: second, product: first },
    );
  }
  return measured;
}

/** A ratio is that of two measurements that stand next to each other. @throws RangeError of nothing */
export const compareRounds = (pairs: readonly Pair<number>[]): RoundComparison => ({
  baseline: spreadOf(pairs.map((pair) => pair.baseline)),
  product: spreadOf(pairs.map((pair) => pair.product)),
  ratio: spreadOf(pairs.map((pair) => pair.product / pair.baseline)),
});
