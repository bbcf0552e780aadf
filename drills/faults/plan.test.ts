import { expect, test } from '@jest/globals';
import { journeyKinds } from '../../domain/journeys.ts';
import { processNames } from '../../local/fleet/process-names.ts';
import {
  faultKinds,
  journeyRequests,
  journeySteps,
  moments,
  planOf,
  requestsAt,
  runsForAll,
} from './plan.ts';

test('a plan is a function of its seed, and another one of another seed', () => {
  expect(planOf(77)).toEqual(planOf(77));
  const plans = Array.from({ length: 400 }, (_, seed) => JSON.stringify({ ...planOf(seed), seed: 0 }));
  expect(new Set(plans).size).toBe(400);
});

test('every journey has a place', () => {
  expect(Object.keys(journeySteps)).toEqual(expect.arrayContaining([...journeyKinds]));
});

test('of one journey it has the same faults, and that journey alone', () => {
  const { requests, ...fault } = planOf(77, 'renewal');
  expect(planOf(77)).toMatchObject(fault);
  expect(new Set(requests.map(({ journey }) => journey))).toEqual(new Set(['renewal']));
});

test.each([0, 1, 999])('a round from seed %d has every place with every fault at every moment', (first) => {
  const covered = new Set<string>();
  for (let seed = first; seed < first + runsForAll; seed += 1) {
    const { processName, fault, moment, requests: cast } = planOf(seed);
    for (const { journey, step } of cast) covered.add([processName, fault, moment, journey, step].join());
  }
  expect(covered.size).toBe(
    (journeyRequests.length * processNames.length + Object.values(requestsAt).flat().length) *
      faultKinds.length *
      moments.length,
  );
});
