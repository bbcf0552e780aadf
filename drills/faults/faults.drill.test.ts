import { expect, test } from '@jest/globals';
import { faults } from './faults.ts';

test('whatever process is killed or stopped, twenty times over, every journey comes to its end and nothing is lost or doubled', async () => {
  const lines: string[] = [];
  const count = 20;
  const minutes = 3;
  const result = await faults({ seed: 1, count, lanes: 2, minutes, say: (line) => lines.push(line) });
  if (result.runs.length < count)
    process.stdout.write(`cut short after ${minutes} minutes: ${result.runs.length} of ${count} faults\n`);
  const findings = result.findings.map(
    ({ seed, text }) => `npm run faults -- --seed ${seed} --count 1: ${text}`,
  );
  expect([findings, findings.length > 0 ? lines : []]).toEqual([[], []]);
}, 600_000);
