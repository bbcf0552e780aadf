import { randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import { createTemporalClient } from '../platform/temporal.ts';
import { startBaseline } from './baseline.ts';
import { BareCitizen } from './baselines/bare-citizens.ts';
import { choosePassword, enterCode, enterOtp, register } from './citizens.ts';
import {
  type Comparison,
  type Contender,
  compare,
  comparisonOptions,
  formatUsed,
  type Pids,
  pidsOf,
  profileFrom,
  timingFrom,
} from './comparison.ts';
import { closedLoop, type Load } from './load.ts';
import { formatSpread, report, say, type Target } from './report.ts';
import { compareRounds, type Pair, quantile, type RoundComparison } from './rounds.ts';
import { type Service, withService } from './service.ts';

const steps = ['registration', 'code', 'otp', 'password'] as const;
type Step = (typeof steps)[number];

/** Does one step and notes how long it took. */
type Timed = <Result>(step: Step, work: () => Promise<Result>) => Promise<Result>;

/** A round of load, and how long each step of it took (ms). */
interface Steps extends Load {
  readonly ms: Readonly<Record<Step, readonly number[]>>;
}

interface Measured extends Comparison {
  readonly callers: number;
  /** The 99th percentile of each step (ms), round by round. */
  readonly p99: Readonly<Record<Step, RoundComparison>>;
}

/**
 * `npm run bench:activation -- --callers 8 --rounds 3 --seconds 20`: whole activations a second, from the registration act
 * to the password, and how long each step takes, beside a bare workflow that makes the same starts, messages and
 * activities, which do nothing.
 */
export async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: comparisonOptions({ callers: '1,8,32', seconds: '20' }),
  });
  const measured = await withService(async (service) => {
    const baseline = await bare(service);
    const all: Measured[] = [];
    try {
      for (const callers of values.callers.split(',').map(Number)) {
        const side = (way: (timed: Timed) => Promise<void>, pids: Pids): Contender<Steps> => ({
          async load(ms) {
            const took: Record<Step, number[]> = { registration: [], code: [], otp: [], password: [] };
            const timed: Timed = async (step, work) => {
              const startedAt = performance.now();
              const result = await work();
              took[step].push(performance.now() - startedAt);
              return result;
            };
            return { ...(await closedLoop({ callers, ms }, () => way(timed))), ms: took };
          },
          pids,
        });
        const { loads, ...sides } = await compare(
          {
            baseline: side(baseline.activate, baseline.pids),
            product: side(
              (timed) => activate(service, timed),
              pidsOf(service, 'api', 'worker', 'postgres', 'temporal', 'phone'),
            ),
          },
          timingFrom(values),
        );
        all.push({ callers, ...sides, p99: p99Of(loads) });
        say(`  … ${callers} callers: ${formatSpread(sides.rates.ratio, 2)}`);
      }
    } finally {
      await baseline.stop();
    }
    return all;
  }, profileFrom(values));
  const targets = measured.flatMap(targetsOf);
  report('activation', { rows: measured.map(rowOf), targets, figures: measured });
  return targets.every(({ met }) => met) ? 0 : 1;
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

async function activate(service: Service, timed: Timed): Promise<void> {
  const citizen = await timed('registration', () => register(service));
  const journey = await timed('code', () => enterCode(service, citizen));
  await timed('otp', () => enterOtp(service, journey));
  await timed('password', () => choosePassword(service, journey));
}

async function bare(service: Service) {
  const worker = await startBaseline('journeys-worker.ts', service.beside('worker'));
  const client = createTemporalClient({
    TEMPORAL_ADDRESS: service.temporalAddress,
    TEMPORAL_NAMESPACE: 'default',
  });
  return {
    async activate(timed: Timed): Promise<void> {
      const citizen = await timed('registration', () => BareCitizen.register(client));
      await timed('code', () => citizen.begin(null));
      await timed('otp', () => citizen.confirm());
      await timed('password', () => citizen.finish({ confirms: false, notice: `notice/${randomUUID()}` }));
    },
    pids: { worker: worker.pid, ...pidsOf(service, 'temporal') },
    async stop() {
      await client.connection.close();
      await worker.stop();
    },
  };
}

const rowOf = ({ callers, rates, used, p99 }: Measured) => ({
  callers: String(callers),
  'activations/s': formatSpread(rates.product),
  'floor/s': formatSpread(rates.baseline),
  ratio: formatSpread(rates.ratio, 2),
  'p99 of each step, ms (floor)': steps
    .map((step) => `${step} ${p99[step].product.median.toFixed(0)} (${p99[step].baseline.median.toFixed(0)})`)
    .join(', '),
  'ms of processors each': formatUsed(used.product),
  "the floor's": formatUsed(used.baseline),
});

function targetsOf({ callers, rates, p99 }: Measured): Target[] {
  if (callers !== 8) return [];
  return [
    {
      what: `activations, ${callers} callers`,
      wanted: '0.90 of the floor',
      measured: formatSpread(rates.ratio, 2),
      met: rates.ratio.median >= 0.9,
    },
    ...steps.map((step) => {
      const { ratio } = p99[step];
      return {
        what: `p99 of ${step}, ${callers} callers`,
        wanted: 'twice the floor',
        measured: `${formatSpread(ratio, 2)} times`,
        met: ratio.median <= 2,
      };
    }),
  ];
}
