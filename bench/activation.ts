import { parseArgs } from 'node:util';
import { Client as Postgres } from 'pg';
import { startBaseline } from './baseline.ts';
import { createBareTable } from './baselines/bare-statements.ts';
import { type Target as Callee, choosePassword, enterCode, enterOtp, register } from './citizens.ts';
import {
  type Comparison,
  type Contender,
  compare,
  comparisonOptions,
  formatUsed,
  type Pids,
  pidsOf,
  profileFrom,
  type Timing,
  timingFrom,
} from './comparison.ts';
import { type SmsCounts, smsCountsOf, untilDelivered } from './delivery.ts';
import { closedLoop, type Load } from './load.ts';
import { compareUsed } from './processor-balance.ts';
import { formatSpread, report, say, type Target, table } from './report.ts';
import { compareRounds, type Pair, quantile, type RoundComparison } from './rounds.ts';
import { type Service, withService } from './service.ts';

const steps = ['registration', 'code', 'otp', 'password'] as const;
type Step = (typeof steps)[number];

/** The SMS code, and the notices "welcome" and "password set". */
const smsEach = 3;
const wantedRatio = 0.8;

/** A round of load, and how long each step of it took (ms). */
interface Steps extends Load {
  readonly ms: Readonly<Record<Step, readonly number[]>>;
}

interface Measured extends Comparison {
  readonly callers: number;
  readonly refused: number;
  /** The 99th percentile of each step (ms), round by round. */
  readonly p99: Readonly<Record<Step, RoundComparison>>;
}

/** Product or baseline, with so many callers. */
type Side = (callers: number) => Contender<Steps>;

/**
 * `npm run bench:activation -- --callers 8 --rounds 3 --seconds 20`: whole activations a second, from the registration act
 * to the password, and how long each step takes, beside the same requests, messages, statements, hash and SMS at their
 * bare cost. A round ends when its SMS have arrived. The phone stands in for the provider and is not counted.
 */
export async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: comparisonOptions({ callers: '1,8,32', seconds: '20' }),
  });
  const callers = values.callers.split(',').map(Number);
  const measured = await withService(
    (service) => measureAll(service, callers, timingFrom(values)),
    profileFrom(values),
  );
  const targets = measured.flatMap(targetsOf);
  report('activation', { rows: measured.map(rowOf), targets, figures: measured });
  for (const { callers, rates, used } of measured) {
    say(
      `\nProcessor time of an activation, ms, ${callers} callers; to be cut for ${wantedRatio} of the baseline`,
    );
    say(table(compareUsed(used, rates.ratio.median / wantedRatio)));
  }
  return targets.every(({ met }) => met) ? 0 : 1;
}

async function measureAll(
  service: Service,
  numbers: readonly number[],
  timing: Timing,
): Promise<readonly Measured[]> {
  const owner = new Postgres({ connectionString: service.ownerUrl });
  await owner.connect();
  try {
    const pids = pidsOf(service, 'api', 'worker', 'postgres', 'temporal');
    const product = sideOf(service, pids, smsCountsOf(owner));
    const baseline = await startBare(service);
    const all: Measured[] = [];
    for (const callers of numbers) {
      const sides = { baseline: baseline.side(callers), product: product(callers) };
      const { loads, ...comparison } = await compare(sides, timing);
      const refused = loads.reduce((sum, pair) => sum + pair.baseline.refused + pair.product.refused, 0);
      all.push({ callers, ...comparison, refused, p99: p99Of(loads) });
      say(`  … ${callers} callers: ${formatSpread(comparison.rates.ratio, 2)}`);
    }
    await baseline.stop();
    return all;
  } finally {
    await owner.end();
  }
}

function sideOf(callee: Callee, pids: Pids, counts: () => Promise<SmsCounts>): Side {
  let activated = 0;
  return (callers) => ({
    pids,
    async load(ms) {
      const took: Record<Step, number[]> = { registration: [], code: [], otp: [], password: [] };
      const timed = async <Result>(step: Step, work: () => Promise<Result>): Promise<Result> => {
        const startedAt = performance.now();
        const result = await work();
        took[step].push(performance.now() - startedAt);
        return result;
      };
      const load = await closedLoop({ callers, ms }, async () => {
        const citizen = await timed('registration', () => register(callee));
        const journey = await timed('code', () => enterCode(callee, citizen));
        await timed('otp', () => enterOtp(callee, journey));
        await timed('password', () => choosePassword(callee, journey));
      });
      activated += load.tookMs.length;
      await untilDelivered(smsEach * activated, counts);
      return { ...load, ms: took };
    },
  });
}

async function startBare(service: Service): Promise<{ side: Side; stop(): Promise<void> }> {
  await createBareTable(service.ownerUrl);
  const api = await startBaseline('activation.ts', service.beside('api'));
  const worker = await startBaseline('journeys-worker.ts', {
    ...service.beside('worker'),
    TWILIO_STATUS_CALLBACK_URL: `${api.url}/twilio/status`,
  });
  const counts = async (): Promise<SmsCounts> => {
    const answer = await fetch(`${api.url}/delivered`);
    const { delivered } = (await answer.json()) as { delivered: number };
    return { delivered, missing: 0 };
  };
  const { officeKey, ring } = service;
  const pids = { api: api.pid, worker: worker.pid, ...pidsOf(service, 'postgres', 'temporal') };
  return {
    side: sideOf({ url: api.url, officeKey, ring }, pids, counts),
    async stop() {
      await worker.stop();
      await api.stop();
    },
  };
}

function p99Of(loads: readonly Pair<Steps>[]): Readonly<Record<Step, RoundComparison>> {
  const of = (step: Step) =>
    compareRounds(
      loads.map(({ baseline, product }) => ({
        baseline: quantile(baseline.ms[step], 0.99),
        product: quantile(product.ms[step], 0.99),
      })),
    );
  return { registration: of('registration'), code: of('code'), otp: of('otp'), password: of('password') };
}

const rowOf = ({ callers, rates, used, p99 }: Measured) => ({
  callers: String(callers),
  'activations/s': formatSpread(rates.product),
  'baseline/s': formatSpread(rates.baseline),
  ratio: formatSpread(rates.ratio, 2),
  'p99 of each step, ms (baseline)': steps
    .map((step) => `${step} ${p99[step].product.median.toFixed(0)} (${p99[step].baseline.median.toFixed(0)})`)
    .join(', '),
  'ms of processors each': formatUsed(used.product),
  "the baseline's": formatUsed(used.baseline),
});

function targetsOf({ callers, rates, refused, p99 }: Measured): Target[] {
  if (callers !== 8) return [];
  return [
    {
      what: `activations, ${callers} callers`,
      wanted: `${wantedRatio.toFixed(2)} of the baseline`,
      measured: formatSpread(rates.ratio, 2),
      met: rates.ratio.median >= wantedRatio,
    },
    {
      what: `refused activations, ${callers} callers`,
      wanted: 'none',
      measured: String(refused),
      met: refused === 0,
    },
    ...steps.map((step) => {
      const { ratio } = p99[step];
      return {
        what: `p99 of ${step}, ${callers} callers`,
        wanted: 'twice the baseline',
        measured: `${formatSpread(ratio, 2)} times`,
        met: ratio.median <= 2,
      };
    }),
  ];
}
