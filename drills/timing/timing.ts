import { parseArgs } from 'node:util';
import { quantile } from '../../bench/rounds.ts';
import { noAddressLimits } from '../../local/fleet/no-address-limits.ts';
import { startWithNpm } from '../../local/fleet/npm-start.ts';
import { measureBursts } from './bursts.ts';
import { measureRefusals, type Sizes } from './refusal-times.ts';
import { compare } from './statistics.ts';

const say = (line: string) => void process.stdout.write(`${line}\n`);

/**
 * `npm run timing`: whether the time of a refusal reveals who is registered. Each kind of caller is compared with one who
 * enters an unknown id, in turn, on a service as `npm start` runs it. @returns the exit code: 1 if a difference does
 */
export async function timing(args: string[]): Promise<number> {
  const { tries, bursts } = parseArgs({
    args,
    options: { tries: { type: 'string', default: '200' }, bursts: { type: 'string', default: '12' } },
  }).values;
  const apart = await oneByOne({ tries: Number(tries) });
  const together = await atOnce(Number(bursts));
  say(apart && together ? '\nNo difference that tells.' : '\nA DIFFERENCE TELLS.');
  return apart && together ? 0 : 1;
}

async function oneByOne({ tries }: Sizes): Promise<boolean> {
  // As many wrong entries as are made, and a few more until the next one blocks.
  const tolerated = { tries: 2 * tries + 20 };
  const service = await startWithNpm({ ...noAddressLimits, activationCode: tolerated, signIn: tolerated });
  try {
    let isWell = true;
    for await (const { title, groups } of measureRefusals(service, { tries }, tolerated.tries, say))
      isWell = report(title, groups) && isWell;
    return isWell;
  } finally {
    await service.stop();
  }
}

async function atOnce(bursts: number): Promise<boolean> {
  const service = await startWithNpm(noAddressLimits);
  try {
    say(
      `\n30 at once on one id, ${bursts} times each, with the limits as they are; the last answer of each 30`,
    );
    return report('POST /activations, 30 at once', await measureBursts(service, bursts));
  } finally {
    await service.stop();
  }
}

/** Prints a table, first the group that all others are compared with. @returns whether no difference is revealing */
function report(title: string, groups: ReadonlyMap<string, readonly number[]>): boolean {
  const [[, unknown]] = [...groups] as [[string, number[]]];
  say(`\n${title}`);
  say('  median ms    95 %   late   difference   95 % interval      n');
  let isWell = true;
  for (const [name, times] of groups) {
    const { medianMs, ofMediansMs, interval, isSignificant } = compare(times, unknown);
    const late = times.filter((ms) => ms > 150).length / times.length;
    isWell &&= !isSignificant;
    say(
      [
        medianMs.toFixed(1).padStart(11),
        quantile(times, 0.95).toFixed(1).padStart(8),
        `${(100 * late).toFixed(0)} %`.padStart(7),
        ofMediansMs.toFixed(1).padStart(13),
        `[${interval.map((ms) => ms.toFixed(1)).join(', ')}]`.padStart(16),
        String(times.length).padStart(7),
        `  ${name}${isSignificant ? '  TELLS' : ''}`,
      ].join(''),
    );
  }
  return isWell;
}
