import { expect, test } from '@jest/globals';
import { faults } from './faults.ts';

test('whatever process is killed or stopped, twenty times over, every journey comes to its end and nothing is lost or doubled', async () => {
  const lines: string[] = [];
  const seen = await faults({ seed: 1, count: 20, lanes: 2, minutes: 3, say: (line) => lines.push(line) });
  const findings = seen.findings.map(
    ({ seed, text }) => `npm run faults -- --seed ${seed} --count 1: ${text}`,
  );
  expect([findings, findings.length > 0 ? lines : []]).toEqual([[], []]);
}, 300_000);
