import { parseArgs } from 'node:util';
import { Client as Postgres } from 'pg';
import { startBaseline } from './baseline.ts';
import { type Citizen, enterReceivedOtp, registerActive, signIn, startSignIn } from './citizens.ts';
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
import { smsCountsOf, untilDelivered } from './delivery.ts';
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
        if (assurance === 'substantial') await requireDelivery(service);
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

/** Of both: one password comparison by a bare server. The phone stands in for the provider and is not counted. */
const contendersOf: Readonly<Record<Assurance, (service: Service) => Promise<Contenders>>> = {
  basic: (service) =>
    besideBareServer(service, {
      signIn: (citizen) => signIn(service.url, citizen),
      pids: pidsOf(service, 'api', 'postgres'),
    }),
  substantial: (service) =>
    besideBareServer(service, {
      signIn: async (citizen) => enterReceivedOtp(service, citizen, await startSignIn(service, citizen)),
      pids: pidsOf(service, 'api', 'worker', 'postgres', 'temporal'),
    }),
};

async function besideBareServer(service: Service, product: SignInContender): Promise<Contenders> {
  const baseline = await startBaseline('sign-in.ts', service.beside('api'));
  return {
    baseline: {
      signIn: (citizen) => signIn(baseline.url, citizen),
      pids: { http: baseline.pid, ...pidsOf(service, 'postgres') },
    },
    product,
    stop: () => baseline.stop(),
  };
}

/** @throws Error if an SMS code did not arrive */
async function requireDelivery({ ownerUrl }: Service): Promise<void> {
  const owner = new Postgres({ connectionString: ownerUrl });
  await owner.connect();
  try {
    await untilDelivered(1, smsCountsOf(owner, 'otp.sign-in'));
  } finally {
    await owner.end();
  }
}

const rowOf = ({ assurance, callers, rates, used }: Measured) => ({
  assurance,
  callers: String(callers),
  'sign-ins/s': formatSpread(rates.product),
  'baseline/s': formatSpread(rates.baseline),
  ratio: formatSpread(rates.ratio, 2),
  'ms of processors each': formatUsed(used.product),
  "the baseline's": formatUsed(used.baseline),
});

const wanted = { basic: { ratio: 0.9, at: [8, 32] }, substantial: { ratio: 0.52, at: [8, 32] } };

function targetOf({ assurance, callers, rates }: Measured): Target[] {
  const { ratio, at } = wanted[assurance];
  if (!at.includes(callers)) return [];
  return [
    {
      what: `${assurance} sign-in, ${callers} callers`,
      wanted: `${ratio} of the baseline`,
      measured: formatSpread(rates.ratio, 2),
      met: rates.ratio.median >= ratio,
    },
  ];
}
