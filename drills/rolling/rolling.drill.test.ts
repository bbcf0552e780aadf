import { expect, test } from '@jest/globals';
import { rolling } from './rolling.ts';

test('three APIs, three workers and two gateways are replaced one after the other under load, and no request is cut', async () => {
  const lines: string[] = [];
  const result = await rolling({
    apis: 3,
    workers: 3,
    gateways: 2,
    atOnce: 3,
    minutes: 0,
    say: (line) => lines.push(line),
  });
  const { lost, findings, replaced, journeys, requests } = result;
  // Eight processes that start keep a small machine busy: a message that waits too long for that is refused or given up by its
  // client, has no effect and is sent again. `npm run rolling` lets none of those pass either.
  const refused = lost.filter((text) => / 503 |aborted due to timeout/.test(text));
  const cut = lost.filter((text) => !refused.includes(text));
  expect({ cut, findings, lines: cut.length + findings.length > 0 ? lines : [] }).toEqual({
    cut: [],
    findings: [],
    lines: [],
  });
  expect(refused.length).toBeLessThan(requests / 10);
  expect(replaced).toBe(8);
  expect(journeys).toBeGreaterThan(6);
}, 300_000);
