import { parseArgs } from 'node:util';
import { registerRelyingSite } from '../drills/gateway/register-party.ts';
import { siteUrl } from '../drills/gateway/relying-site.ts';
import { type Baseline, startBaseline } from './baseline.ts';
import { type Citizen, password, registerActive } from './citizens.ts';
import { comparisonOptions, type Pids, pidsOf, profileFrom, type Timing, timingFrom } from './comparison.ts';
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
  readonly signIn: Used;
}

const sumOf = (used: Used): number => Object.values(used).reduce((sum, ms) => sum + ms, 0);

/** A flow may cost so many times what it costs with the bare library, its sign-in apart. */
const mostTimes = 2.5;
const atOnce = 50;

/**
 * `npm run bench:gateway -- --callers 4 --rounds 5 --seconds 10`: the processor time of a whole flow through the gateway,
 * without that of its sign-in, and of the same flow through the bare library with its memory adapter; then fifty at once.
 */
export async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({ args, options: comparisonOptions({ callers: '4', seconds: '10' }) });
  const callers = Number(values.callers);
  const result = await withService(
    async (service) => {
      const citizens: Citizen[] = [];
      while (citizens.length < Math.max(atOnce, callers)) citizens.push(await registerActive(service));
      const { party, clientId, baseline, bare } = await prepare(service);
      try {
        const pids = pidsOf(service, 'gateway', 'api', 'postgres');
        const cost = (work: Work, of: Pids) => (ms: number) =>
          costOf((caller) => work(citizens[caller] as Citizen), { callers, ms, pids: of });
        const pairs = await measure(
          {
            flow: cost(({ nationalId }) => identify(party, nationalId), pids),
            signIn: cost((citizen) => signInFor(service, clientId, citizen), pids),
            bare: cost(({ nationalId }) => identify(bare, nationalId), { http: baseline.pid }),
          },
          timingFrom(values),
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

/** What the gateway asks of the API for a flow by password, and no more: a bound session, and the identification. */
async function signInFor(
  { url, environment }: Service,
  relyingParty: string,
  { nationalId }: Citizen,
): Promise<void> {
  const post = async (path: string, body: object, headers: Record<string, string> = {}) => {
    const answer = await fetch(`${url}/api/v1${path}`, {
      method: 'POST',
      headers: {
        ...{ 'Content-Type': 'application/json', 'X-Gateway-Key': environment['GATEWAY_KEY'] ?? '' },
        ...{ 'Idempotency-Key': crypto.randomUUID(), ...headers },
      },
      body: JSON.stringify(body),
    });
    if (answer.status !== 201) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
    return answer.json();
  };
  const opened = await post('/sessions', { nationalId, password, assurance: 'basic', relyingParty });
  await post(
    '/identifications',
    { relyingParty, floor: 'low' },
    { Authorization: `Bearer ${(opened as { session: { token: string } }).session.token}` },
  );
}

async function costOf(
  work: (caller: number) => Promise<unknown>,
  { callers, ms, pids }: { callers: number; ms: number; pids: Pids },
): Promise<Used> {
  const processes = Object.entries(pids);
  const before = processes.map(([, pid]) => processorMs(pid));
  const { tookMs } = await closedLoop({ callers, ms }, work);
  return Object.fromEntries(
    processes.map(([name, pid], index) => [name, (processorMs(pid) - (before[index] ?? 0)) / tookMs.length]),
  );
}

type Cost = (ms: number) => Promise<Used>;

/** Warms all three up, then measures the gateway with its sign-in and the bare library in turn. */
async function measure(
  { flow, signIn, bare }: Readonly<Record<'flow' | 'signIn' | 'bare', Cost>>,
  { rounds, ms, warmUpMs }: Timing,
): Promise<readonly { baseline: Measured; product: Measured }[]> {
  for (const warmUp of [bare, flow, signIn]) await warmUp(warmUpMs);
  return alternately<Measured>(
    rounds,
    async () => ({ flow: await bare(ms), signIn: {} }),
    async () => {
      const measured = { flow: await flow(ms), signIn: await signIn(ms) };
      say(
        `  … a flow ${sumOf(measured.flow).toFixed(1)} ms, of these its sign-in ${sumOf(measured.signIn).toFixed(1)} ms`,
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
  const apart = ({ flow, signIn }: Measured) => sumOf(flow) - sumOf(signIn);
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
      row('its sign-in at the API', ({ product }) => sumOf(product.signIn)),
      row('the flow without it', ({ product }) => apart(product)),
      ...Object.keys(pairs[0]?.product.flow ?? {}).map((name) =>
        row(`of these ${name}`, ({ product }) => (product.flow[name] ?? 0) - (product.signIn[name] ?? 0)),
      ),
      row('the bare library', ({ baseline }) => sumOf(baseline.flow)),
    ],
    targets,
    figures: { pairs, ratio, lost },
  });
  return targets.every(({ met }) => met) ? 0 : 1;
}
