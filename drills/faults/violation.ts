/** Something that must never be, whatever fails. */
export class Violation extends Error {}

/** @throws Violation */
export function must(isSo: boolean, otherwise: string): asserts isSo {
  if (!isSo) throw new Violation(otherwise);
}
