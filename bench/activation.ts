import { randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import { openTemporal } from '../platform/temporal.ts';
import { choosePassword, enterCode, enterOtp, register } from './citizens.ts';
import { startFloor } from './floor.ts';
import { BareCitizen } from './floors/bare-citizens.ts';
import { closedLoop } from './load.ts';
import { report, say, shown, type Target } from './report.ts';
import { quantile } from './rounds.ts';
import { type Service, withService } from './service.ts';
import {
  compare,
  comparing,
  type Pids,
  pidsOf,
  profileFrom,
  type SidesCompared,
  timingFrom,
  usedInWords,
} from './sides.ts';

const steps = ['registration', 'code', 'otp', 'password'] as const;
type Step = (typeof steps)[number];

/** Does one step and notes how long it took. */
type Timed = <Result>(step: Step, work: () => Promise<Result>) => Promise<Result>;

interface Measured extends SidesCompared {
  readonly callers: number;
  /** How long each step took (ms), in every load but the first. */
  readonly steps: Readonly<Record<'floor' | 'product', Readonly<Record<Step, { p50: number; p99: number }>>>>;
}

/**
 * `npm run bench:activation -- --callers 8 --rounds 3 --seconds 8`: whole activations a second, from the registration act
 * to the password, and how long each step takes, beside a bare workflow that makes the same starts, messages and
 * activities, which do nothing.
 */
export async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: comparing({ callers: '1,8,32', seconds: '8' }),
  });
  const measured = await withService(async (service) => {
    const floor = await bare(service);
    const all: Measured[] = [];
    try {
      for (const callers of values.callers.split(',').map(Number)) {
        const took = { floor: new Took(), product: new Took() };
        const side = (way: (timed: Timed) => Promise<void>, its: Took, pids: Pids) => ({
          load: (ms: number) => closedLoop({ callers, ms }, () => way(its.timed)),
          pids,
        });
        const compared = await compare(
          {
            floor: side(floor.activate, took.floor, floor.pids),
            product: side(
              (timed) => activate(service, timed),
              took.product,
              pidsOf(service, 'api', 'worker', 'postgres', 'temporal', 'phone'),
            ),
          },
          timingFrom(values),
        );
        all.push({ callers, ...compared, steps: { floor: took.floor.told(), product: took.product.told() } });
        say(`  … ${callers} callers: ${shown(compared.rates.ratio, 2)}`);
      }
    } finally {
      await floor.stop();
    }
    return all;
  }, profileFrom(values));
  const targets = measured.flatMap(targetsOf);
  report('activation', { rows: measured.map(rowOf), targets, figures: measured });
  return targets.every(({ met }) => met) ? 0 : 1;
}

/** How long each step took. */
class Took {
  readonly #ms: Record<Step, number[]> = { registration: [], code: [], otp: [], password: [] };

  readonly timed: Timed = async (step, work) => {
    const startedAt = performance.now();
    const result = await work();
    this.#ms[step].push(performance.now() - startedAt);
    return result;
  };

  told(): Record<Step, { p50: number; p99: number }> {
    const of = (step: Step) => ({ p50: quantile(this.#ms[step], 0.5), p99: quantile(this.#ms[step], 0.99) });
    return { registration: of('registration'), code: of('code'), otp: of('otp'), password: of('password') };
  }
}

async function activate(service: Service, timed: Timed): Promise<void> {
  const citizen = await timed('registration', () => register(service));
  const visit = await timed('code', () => enterCode(service, citizen));
  await timed('otp', () => enterOtp(service, visit));
  await timed('password', () => choosePassword(service, visit));
}

async function bare(service: Service) {
  const worker = await startFloor('journeys-worker.ts', service.beside('worker'));
  const client = openTemporal({ TEMPORAL_ADDRESS: service.temporalAddress, TEMPORAL_NAMESPACE: 'default' });
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

const rowOf = ({ callers, rates, used, steps: took }: Measured) => ({
  callers: String(callers),
  'activations/s': shown(rates.product),
  'floor/s': shown(rates.floor),
  ratio: shown(rates.ratio, 2),
  'p99 of each step, ms (floor)': steps
    .map((step) => `${step} ${took.product[step].p99.toFixed(0)} (${took.floor[step].p99.toFixed(0)})`)
    .join(', '),
  'ms of processors each': usedInWords(used.product),
  "the floor's": usedInWords(used.floor),
});

function targetsOf({ callers, rates, steps: took }: Measured): Target[] {
  if (callers !== 8) return [];
  const { median } = rates.ratio;
  return [
    {
      what: `activations, ${callers} callers`,
      wanted: '0.90 of the floor',
      measured: median.toFixed(2),
      met: median >= 0.9,
    },
    ...steps.map((step) => {
      const times = took.product[step].p99 / took.floor[step].p99;
      return {
        what: `p99 of ${step}, ${callers} callers`,
        wanted: 'twice the floor',
        measured: `${times.toFixed(2)} times`,
        met: times <= 2,
      };
    }),
  ];
}
