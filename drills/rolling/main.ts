import { parseArgs } from 'node:util';
import { exitOnSignals } from '../../local/fleet/exit-on-signals.ts';
import { rolling } from './rolling.ts';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

/**
 * `npm run rolling -- --minutes 10 --citizens 8 --earlier ../release-1`: with `earlier`, the folder of another version's
 * checkout, processes of both run side by side. @returns the exit code: 1 if anything was lost or wrong
 */
export async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      minutes: { type: 'string', default: '5' },
      citizens: { type: 'string', default: '8' },
      earlier: { type: 'string' },
    },
  });
  const { earlier, ...numbers } = values;
  for (const [name, text] of Object.entries(numbers))
    if (!/^\d{1,4}$/.test(text)) throw new Error(`--${name} must be a whole number`);
  exitOnSignals();
  const result = await rolling({
    apis: 3,
    workers: 3,
    gateways: 2,
    say,
    minutes: Number(values.minutes),
    atOnce: Number(values.citizens),
    earlier,
  });
  for (const line of [...result.lost.map((text) => `LOST ${text}`), ...result.findings, ...result.late])
    say(line);
  say(
    `${result.replaced} processes replaced under ${result.journeys} journeys with ${result.requests} requests: ` +
      `${result.lost.length} lost, ${result.findings.length} findings, ${result.late.length} pieces of work handed over late`,
  );
  return result.lost.length + result.findings.length === 0 ? 0 : 1;
}
