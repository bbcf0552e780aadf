import fc from 'fast-check';

/** `few` once in `times`. */
export const mostly = <Value>(
  usual: fc.Arbitrary<Value>,
  few: fc.Arbitrary<Value>,
  times = 12,
): fc.Arbitrary<Value> => fc.oneof({ weight: times - 1, arbitrary: usual }, { weight: 1, arbitrary: few });
