import { parseArgs } from 'node:util';
import { startBaseline } from './baseline.ts';
import { type Citizen, enterOtp, registerActive, signIn, startSignIn } from './citizens.ts';
import {
  type Comparison,
  compare,
  comparisonOptions,
  formatUsed,
  type Pids,
  pidsOf,
  profileFrom,
  timingFrom,
} from './comparison.ts';
import { keepAlive } from './keep-alive.ts';
import { closedLoop } from './load.ts';
import { formatSpread, report, say, type Target } from './report.ts';
import { type Service, withService } from './service.ts';

type Assurance = 'basic' | 'substantial';
interface Measured extends Comparison {
  readonly assurance: Assurance;
  readonly callers: number;
}

/** One way to sign in, and the processes that work for it. */
interface SignInContender {
  readonly signIn: (citizen: Citizen) => Promise<unknown>;
  readonly pids: Pids;
}
interface Contenders {
  readonly baseline: SignInContender;
  readonly product: SignInContender;
  stop(): Promise<void>;
}

/**
 * `npm run bench:sign-in -- --callers 8,32 --rounds 3 --seconds 5 --only basic --each 1 --profile api`: sign-ins a second
 * of the real service, a closed loop, and the baseline beside it. A profile goes to `.cache/bench`. `each`: how many citizens
 * each caller signs in in turn; more than the worker keeps in its cache, all together, and every one of them is replayed.
 */
export async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      ...comparisonOptions({ callers: '1,8,32,128', seconds: '5' }),
      only: { type: 'string' },
      each: { type: 'string', default: '1' },
    },
  });
  const callers = values.callers.split(',').map(Number);
  const each = Number(values.each);
  const measured = await withService(async (service) => {
    const citizens = await registerAllActive(service, each * Math.max(...callers));
    const all: Measured[] = [];
    for (const assurance of ['basic', 'substantial'] as const) {
      if (values.only && values.only !== assurance) continue;
      const { baseline, product, stop } = await contendersOf[assurance](service);
      try {
        for (const number of callers) {
          const next = nextCitizenOf(citizens, each);
          const side = ({ signIn: work, pids }: SignInContender) => ({
            load: (ms: number) => closedLoop({ callers: number, ms }, (caller) => work(next(caller))),
            pids,
          });
          const { rates, used } = await compare(
            { baseline: side(baseline), product: side(product) },
            timingFrom(values),
          );
          all.push({ assurance, callers: number, rates, used });
          say(`  … ${assurance}, ${number} callers: ${formatSpread(rates.ratio, 2)}`);
        }
      } finally {
        await stop();
      }
    }
    return all;
  }, profileFrom(values));
  const targets = measured.flatMap(targetOf);
  report('sign-in', { rows: measured.map(rowOf), targets, figures: measured });
  return targets.every(({ met }) => met) ? 0 : 1;
}

/** The next citizen of a caller: each caller has citizens of its own, so that no citizen signs in twice at once. */
function nextCitizenOf(citizens: readonly Citizen[], each: number): (caller: number) => Citizen {
  const turns = new Map<number, number>();
  return (caller) => {
    const turn = turns.get(caller) ?? 0;
    turns.set(caller, (turn + 1) % each);
    return citizens[caller * each + turn] as Citizen;
  };
}

async function registerAllActive(service: Service, count: number): Promise<Citizen[]> {
  const citizens: Citizen[] = [];
  const registerSome = async (): Promise<void> => {
    while (citizens.length < count) citizens.push(await registerActive(service));
  };
  await Promise.all(Array.from({ length: 4 }, registerSome));
  return citizens;
}

const contendersOf: Readonly<Record<Assurance, (service: Service) => Promise<Contenders>>> = {
  async basic(service) {
    const baseline = await startBaseline('sign-in.ts', service.beside('api'));
    return {
      baseline: {
        signIn: (citizen) => signIn(baseline.url, citizen),
        pids: { http: baseline.pid, ...pidsOf(service, 'postgres') },
      },
      product: {
        signIn: (citizen) => signIn(service.url, citizen),
        pids: pidsOf(service, 'api', 'postgres'),
      },
      stop: () => baseline.stop(),
    };
  },
  async substantial(service) {
    const worker = await startBaseline('journeys-worker.ts', service.beside('worker'));
    const baseline = await startBaseline('substantial-sign-in.ts', service.beside('api'));
    return {
      baseline: {
        async signIn(citizen) {
          await signIn(baseline.url, citizen);
          const body = JSON.stringify({ nationalId: citizen.nationalId });
          const { status } = await keepAlive(new Request(`${baseline.url}/otp`, { method: 'POST', body }));
          if (status !== 201) throw new Error(`the baseline answered ${status} to an SMS code`);
        },
        pids: {
          http: baseline.pid,
          worker: worker.pid,
          ...pidsOf(service, 'postgres', 'temporal', 'phone'),
        },
      },
      product: {
        signIn: async (citizen) => enterOtp(service, await startSignIn(service, citizen)),
        pids: pidsOf(service, 'api', 'worker', 'postgres', 'temporal', 'phone'),
      },
      async stop() {
        await baseline.stop();
        await worker.stop();
      },
    };
  },
};

const rowOf = ({ assurance, callers, rates, used }: Measured) => ({
  assurance,
  callers: String(callers),
  'sign-ins/s': formatSpread(rates.product),
  'floor/s': formatSpread(rates.baseline),
  ratio: formatSpread(rates.ratio, 2),
  'ms of processors each': formatUsed(used.product),
  "the floor's": formatUsed(used.baseline),
});

const wanted = { basic: { ratio: 0.95, at: [8, 32] }, substantial: { ratio: 0.85, at: [8, 32] } };

function targetOf({ assurance, callers, rates }: Measured): Target[] {
  const { ratio, at } = wanted[assurance];
  if (!at.includes(callers)) return [];
  return [
    {
      what: `${assurance} sign-in, ${callers} callers`,
      wanted: `${ratio} of the floor`,
      measured: formatSpread(rates.ratio, 2),
      met: rates.ratio.median >= ratio,
    },
  ];
}
