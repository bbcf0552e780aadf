import { expect, test } from '@jest/globals';
import { faultKinds, moments, parts, places, planOf } from './plan.ts';

test('a plan is a function of its seed, and another one of another seed', () => {
  expect(planOf(77)).toEqual(planOf(77));
  const plans = Array.from({ length: 400 }, (_, seed) => JSON.stringify({ ...planOf(seed), seed: 0 }));
  expect(new Set(plans).size).toBe(400);
});

test.each([0, 1, 999])('180 runs from seed %d have every place with every fault at every moment', (first) => {
  const covered = new Set<string>();
  for (let seed = first; seed < first + 180; seed += 1) {
    const { part, fault, moment, cast } = planOf(seed);
    for (const { journey, step } of cast) covered.add([part, fault, moment, journey, step].join());
  }
  expect(covered.size).toBe(places.length * parts.length * faultKinds.length * moments.length);
});
