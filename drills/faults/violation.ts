/** A state that must not occur under any fault. */
export class Violation extends Error {}

/** @throws Violation */
export function must(isSo: boolean, otherwise: string): asserts isSo {
  if (!isSo) throw new Violation(otherwise);
}
