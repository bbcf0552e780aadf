import type { Used } from './comparison.ts';
import type { Pair } from './rounds.ts';

/**
 * Where the processor time of the product goes, process by process, against the baseline's (medians, ms). `reached`: the
 * share of the wanted rate that was measured; below 1, the rest has to be cut from the sum, as busy processors do as many
 * pieces of work a second as their time allows.
 */
export function compareUsed({ product, baseline }: Pair<Used>, reached: number) {
  const row = (process: string, its: number, baseline: number, cut = '') => ({
    process,
    product: its.toFixed(1),
    baseline: baseline.toFixed(1),
    more: (its - baseline).toFixed(1),
    'to be cut': cut,
  });
  const medianOf = (used: Used, process: string): number => used[process]?.median ?? 0;
  const sumOf = (used: Used): number => Object.values(used).reduce((sum, { median }) => sum + median, 0);
  const sum = sumOf(product);
  return [
    ...Object.keys(product).map((process) =>
      row(process, medianOf(product, process), medianOf(baseline, process)),
    ),
    row('together', sum, sumOf(baseline), Math.max(0, sum * (1 - reached)).toFixed(1)),
  ];
}
