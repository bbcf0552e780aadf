import { parseArgs } from 'node:util';
import { registerRelyingSite } from '../drills/gateway/register-party.ts';
import { siteUrl } from '../drills/gateway/relying-site.ts';
import { type Baseline, startBaseline } from './baseline.ts';
import { type Citizen, registerActive } from './citizens.ts';
import { type Pids, pidsOf, profileFrom } from './comparison.ts';
import { askApi, signInFor } from './gateway-calls.ts';
import { discover, identify, type RelyingParty } from './identification-flow.ts';
import { closedLoop } from './load.ts';
import { processorMs } from './processor-time.ts';
import { formatSpread, report, say } from './report.ts';
import { alternately, spreadOf } from './rounds.ts';
import { type Service, withService } from './service.ts';

type Work = (citizen: Citizen) => Promise<unknown>;
/** What one piece of work uses of the processors (ms), by process. */
type Used = Readonly<Record<string, number>>;
interface Measured {
  readonly flow: Used;
  /** What the API and PostgreSQL do for the sign-in. */
  readonly signIn: Used;
  /** What the API does for the one reading of the identification that userinfo needs. */
  readonly reading: Used;
}

/**
 * What a flow costs without its sign-in, by process: all that the gateway does, the API's reading for userinfo, and what is left
 * of PostgreSQL. The API's share is measured by itself: beside a hash of fifty milliseconds the difference of two measurements
 * would be lost.
 */
const apartOf = ({ flow, signIn, reading }: Measured): Used => ({
  gateway: flow['gateway'] ?? 0,
  API: reading['api'] ?? 0,
  PostgreSQL: (flow['postgres'] ?? 0) - (signIn['postgres'] ?? 0),
});

const sumOf = (used: Used): number => Object.values(used).reduce((sum, ms) => sum + ms, 0);

/** A flow may cost so many times what it costs with the bare library, its sign-in apart. */
const mostTimes = 2.5;
const atOnce = 50;

const options = {
  callers: { type: 'string', default: '4' },
  rounds: { type: 'string', default: '3' },
  flows: { type: 'string', default: '100' },
  'warm-up': { type: 'string', default: '200' },
  profile: { type: 'string' },
} as const;

/**
 * `npm run bench:gateway -- --callers 4 --rounds 5 --flows 100 --warm-up 200`: the processor time of a whole flow through the
 * gateway, without that of its sign-in, and of the same flow through the bare library with its memory adapter; then fifty at
 * once. Both sides have done the same number of flows before they are measured, so that V8 has compiled as much of either.
 */
export async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({ args, options });
  const rounds = Number(values.rounds);
  if (!(rounds >= 3)) throw new RangeError('at least three rounds');
  const counts = { flows: Number(values.flows), warmUp: Number(values['warm-up']), rounds };
  const callers = Number(values.callers);
  const result = await withService(
    async (service) => {
      const citizens: Citizen[] = [];
      while (citizens.length < Math.max(atOnce, callers)) citizens.push(await registerActive(service));
      const { party, clientId, baseline, bare } = await prepare(service);
      try {
        const pids = pidsOf(service, 'gateway', 'api', 'postgres');
        const cost = (work: Work, of: Pids) => (count: number) =>
          costOf((caller) => work(citizens[caller] as Citizen), { callers, count, pids: of });
        const pairs = await measure(
          {
            flow: cost(({ nationalId }) => identify(party, nationalId), pids),
            signIn: cost(
              (citizen) => signInFor(service, clientId, citizen),
              pidsOf(service, 'api', 'postgres'),
            ),
            reading: readingOf(service, clientId, citizens[0] as Citizen, callers),
            bare: cost(({ nationalId }) => identify(bare, nationalId), { http: baseline.pid }),
          },
          counts,
        );
        return { pairs, lost: await lostOf(citizens.slice(0, atOnce), party) };
      } finally {
        await baseline.stop();
      }
    },
    profileFrom(values),
    { withGateway: true },
  );
  return reportOf(result);
}

async function prepare(service: Service): Promise<{
  party: RelyingParty;
  clientId: string;
  baseline: Baseline;
  bare: RelyingParty;
}> {
  const registration = await registerRelyingSite(service, 'bench');
  const { clientId, clientSecret, issuer } = registration;
  const redirectUri = `${siteUrl(registration)}/back`;
  const baseline = await startBaseline('oidc-provider.ts', {
    ...service.beside('gateway'),
    ...{ REDIRECT_URI: redirectUri, CLIENT_ID: clientId, CLIENT_SECRET: clientSecret },
  });
  return {
    party: { config: await discover(issuer, clientId, clientSecret), redirectUri },
    clientId,
    baseline,
    bare: { config: await discover(baseline.url, clientId, clientSecret), redirectUri },
  };
}

/** What the API does when userinfo is asked. An identification can be read for ten minutes: each time another one. */
function readingOf(service: Service, relyingParty: string, citizen: Citizen, callers: number): Cost {
  return async (count) => {
    const id = await signInFor(service, relyingParty, citizen);
    const read = () =>
      askApi(service, 'GET', `/identifications/${id}?relyingParty=${encodeURIComponent(relyingParty)}`);
    return costOf(read, { callers, count, pids: pidsOf(service, 'api') });
  };
}

async function costOf(
  work: (caller: number) => Promise<unknown>,
  { callers, count, pids }: { callers: number; count: number; pids: Pids },
): Promise<Used> {
  const processes = Object.entries(pids);
  const before = processes.map(([, pid]) => processorMs(pid));
  const { tookMs } = await closedLoop({ callers, count }, work);
  return Object.fromEntries(
    processes.map(([name, pid], index) => [name, (processorMs(pid) - (before[index] ?? 0)) / tookMs.length]),
  );
}

type Cost = (count: number) => Promise<Used>;

/** Warms everything up, then measures the gateway with its sign-in and the bare library in turn. */
async function measure(
  { flow, signIn, reading, bare }: Readonly<Record<'flow' | 'signIn' | 'reading' | 'bare', Cost>>,
  { rounds, flows, warmUp: before }: { rounds: number; flows: number; warmUp: number },
): Promise<readonly { baseline: Measured; product: Measured }[]> {
  for (const warmUp of [bare, flow, signIn, reading]) await warmUp(before);
  return alternately<Measured>(
    rounds,
    async () => ({ flow: await bare(flows), signIn: {}, reading: {} }),
    async () => {
      const measured = {
        ...{ flow: await flow(flows), signIn: await signIn(flows), reading: await reading(flows) },
      };
      say(
        `  … a flow ${sumOf(measured.flow).toFixed(1)} ms, its sign-in apart ${sumOf(apartOf(measured)).toFixed(1)} ms`,
      );
      return measured;
    },
  );
}

/** Fifty citizens identify at once. @returns what became of those that did not come back identified */
async function lostOf(citizens: readonly Citizen[], party: RelyingParty): Promise<string[]> {
  const ends = await Promise.allSettled(citizens.map(({ nationalId }) => identify(party, nationalId)));
  return ends.flatMap((end) => (end.status === 'rejected' ? [String(end.reason)] : []));
}

function reportOf({
  pairs,
  lost,
}: {
  pairs: readonly { baseline: Measured; product: Measured }[];
  lost: readonly string[];
}): number {
  const apart = (measured: Measured) => sumOf(apartOf(measured));
  const ratio = spreadOf(pairs.map(({ baseline, product }) => apart(product) / sumOf(baseline.flow)));
  const row = (what: string, of: (pair: (typeof pairs)[number]) => number) => ({
    what,
    'ms of processors each': formatSpread(spreadOf(pairs.map(of))),
  });
  for (const line of new Set(lost)) say(`  … lost: ${line}`);
  const targets = [
    {
      what: 'a flow through the gateway, its sign-in apart',
      wanted: `at most ${mostTimes} of the bare library`,
      measured: formatSpread(ratio, 2),
      met: ratio.median <= mostTimes,
    },
    {
      what: `${atOnce} flows at once`,
      wanted: 'none lost',
      measured: `${lost.length} lost`,
      met: lost.length === 0,
    },
  ];
  report('gateway', {
    rows: [
      row('a whole flow by password', ({ product }) => sumOf(product.flow)),
      row('its sign-in, at the API and PostgreSQL', ({ product }) => sumOf(product.signIn)),
      row('the flow without it', ({ product }) => apart(product)),
      ...['gateway', 'API', 'PostgreSQL'].map((name) =>
        row(`of these ${name}`, ({ product }) => apartOf(product)[name] ?? 0),
      ),
      row('the bare library', ({ baseline }) => sumOf(baseline.flow)),
    ],
    targets,
    figures: { pairs, ratio, lost },
  });
  return targets.every(({ met }) => met) ? 0 : 1;
}
