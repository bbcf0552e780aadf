import { expect, test } from '@jest/globals';
import { rolling } from './rolling/rolling.ts';

test('three APIs and three workers are replaced one after the other under load, and no request is lost', async () => {
  const lines: string[] = [];
  const seen = await rolling({
    ...{ apis: 3, workers: 3, atOnce: 6, minutes: 0 },
    say: (line) => lines.push(line),
  });
  const { lost, findings, replaced, journeys } = seen;
  expect({ lost, findings, lines: lost.length + findings.length > 0 ? lines : [] }).toEqual({
    ...{ lost: [], findings: [], lines: [] },
  });
  expect(replaced).toBe(6);
  expect(journeys).toBeGreaterThan(6);
}, 300_000);
