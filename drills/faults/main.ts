import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { exitOnSignals } from '../../local/fleet/exit-on-signals.ts';
import { faults } from './faults.ts';
import { type JourneyName, journeySteps } from './plan.ts';
import { reliabilityPage } from './reliability-page.ts';
import { summary } from './report.ts';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const natural = (name: string, text: string): number => {
  if (!/^\d{1,9}$/.test(text)) throw new Error(`--${name} must be a whole number`);
  return Number(text);
};

const isJourney = (name: string): name is JourneyName => name in journeySteps;

/**
 * `npm run faults -- --seed 7 --count 200 --lanes 2 --report docs/reliability.md`: without a seed, one of the moment.
 * `--journey not-me`: only the requests of one journey.
 * @returns the exit code: 1 if anything was wrong
 */
export async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      seed: { type: 'string', default: String(Math.floor(Date.now() / 1_000) % 1_000_000) },
      count: { type: 'string', default: '20' },
      lanes: { type: 'string', default: '2' },
      minutes: { type: 'string', default: '60' },
      report: { type: 'string' },
      journey: { type: 'string' },
    },
  });
  const seed = natural('seed', values.seed);
  const count = natural('count', values.count);
  const { journey } = values;
  if (journey !== undefined && !isJourney(journey))
    throw new Error(`--journey must be one of ${Object.keys(journeySteps).join(', ')}`);
  const again = journey === undefined ? '' : ` --journey ${journey}`;
  exitOnSignals();
  const startedAt = Date.now();
  const result = await faults({
    seed,
    count,
    say,
    journey,
    lanes: natural('lanes', values.lanes),
    minutes: natural('minutes', values.minutes),
  });
  say(`\n${summary(result)}\n`);
  for (const found of result.findings)
    say(
      found.seed === undefined
        ? `FOUND (seeds ${seed} to ${seed + count - 1}): ${found.text}`
        : `FOUND, again with --seed ${found.seed} --count 1${again}: ${found.text}`,
    );
  const took = ((Date.now() - startedAt) / 60_000).toFixed(1);
  const repeats = [...result.repeats.values()].reduce((sum, times) => sum + times, 0);
  say(
    `${result.runs.length} of ${count} runs from seed ${seed}, ${took} min: ${result.findings.length} findings, ${repeats} repeated texts, ${result.replayed} histories replayed`,
  );
  if (values.report) {
    writeFileSync(values.report, await reliabilityPage(result, { seed, count }));
    say(`written to ${values.report}`);
  }
  return result.findings.length > 0 ? 1 : 0;
}
