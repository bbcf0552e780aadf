import { readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { build } from '../../local/fleet/build.ts';
import { type IsolatedService, startIsolatedService } from '../../local/fleet/isolated-service.ts';
import { noAddressLimits } from '../../local/fleet/no-address-limits.ts';
import { goodPassword } from '../../test/actors/credentials.ts';
import { startHealthProbe } from '../overload/health-probe-process.ts';
import { registerActive } from '../overload/registered-citizens.ts';
import { type Repeated, repeat } from './repeated-requests.ts';
import { type HeldSockets, heldBody, holdSockets, loadWith, unreadReplies } from './slow-sockets.ts';

/** What others met while connections were held that neither read nor hang up. */
export interface Held {
  readonly what: string;
  readonly connections: number;
  readonly signIns: Repeated;
  readonly pages: Repeated;
  /** Until the server had closed all of them, from the last one on; undefined: it has not, or the system does not tell. */
  readonly closedAfterMs: number | undefined;
}

/** /healthz while many connections ask without pause. Milliseconds. */
export interface Busy {
  readonly what: string;
  readonly statuses: Readonly<Record<string, number>>;
  readonly health: Readonly<
    Record<'api' | 'pages', { asked: number; failed: number; slowestMs: number; lateMs: number }>
  >;
}

export interface SlowClientsResult {
  /** What they met before. */
  readonly quiet: Readonly<Record<'signIns' | 'pages', Repeated>>;
  readonly held: readonly Held[];
  readonly busy: readonly Busy[];
}

const policy = { ...noAddressLimits, textsPerPhone: { tries: 1_000_000, per: 'P1D' } };
// Each connection of a load is a client of its own.
const environmentOf = { portal: { TRUST_PROXY: '1' } };

/** The second wave comes while the first is held; both are held for as long as the servers let them. */
const betweenWavesMs = 9_000;
const afterWavesMs = 15_000;
const busyMs = 6_000;
const quietMs = 4_000;

/** Holds connections at the service, compiled and in processes of its own, and puts load on it. */
export async function slowClients(): Promise<SlowClientsResult> {
  const built = build();
  try {
    const service = await startIsolatedService(built, { policy, environmentOf, withPages: true });
    try {
      return await against(service);
    } finally {
      await service.stop();
    }
  } finally {
    built.remove();
  }
}

async function against(service: IsolatedService): Promise<SlowClientsResult> {
  const { url, pagesUrl = '' } = service;
  const [citizen] = await registerActive(service, 1);
  const body = { nationalId: citizen?.nationalId, password: goodPassword };
  const style = /\/assets\/[\w-]+\/portal\.css/.exec(await (await fetch(`${pagesUrl}/es`)).text())?.[0] ?? '';
  const signIn = (isOver: () => boolean) => repeat(`${url}/api/v1/sessions`, body, isOver);
  const read = (isOver: () => boolean) => repeat(`${pagesUrl}/es/web-map`, undefined, isOver);
  const hold = (attack: Attack) => heldBeside(attack, { signIn, read, pid: service.pidOf(attack.process) });
  const quietUntil = Date.now() + quietMs;
  const isLoud = () => Date.now() >= quietUntil;
  const [signIns, pages] = await Promise.all([signIn(isLoud), read(isLoud)]);
  return {
    quiet: { signIns, pages },
    held: [
      await hold({
        what: 'bodies that never come',
        process: 'api',
        each: 200,
        open: (count) => holdSockets(url, count, heldBody('/api/v1/sessions')),
      }),
      await hold({
        what: 'replies of the API that nobody reads',
        process: 'api',
        each: 165,
        open: (count) => holdSockets(url, count, unreadReplies('/docs/swagger-ui-bundle.js', 1)),
      }),
      await hold({
        what: 'replies of the pages that nobody reads',
        process: 'portal',
        each: 165,
        // 100 KB each: the buffers of both ends take one.
        open: (count) => holdSockets(pagesUrl, count, unreadReplies(style, 3)),
      }),
    ],
    busy: [
      await busyWith('200 connections at the pages', `${pagesUrl}/es/web-map`, service),
      await busyWith('200 connections at the API', `${url}/api/v1/password-policy`, service),
    ],
  };
}

/** Connections that are opened in two waves at one process. */
interface Attack {
  readonly what: string;
  readonly process: 'api' | 'portal';
  /** Connections of a wave. */
  readonly each: number;
  readonly open: (count: number) => HeldSockets;
}

/** Signs in and reads a page over and over while the connections are held, and until all of them are closed. */
async function heldBeside(
  { what, each, open }: Attack,
  {
    signIn,
    read,
    pid,
  }: Record<'signIn' | 'read', (isOver: () => boolean) => Promise<Repeated>> & { pid: number },
): Promise<Held> {
  const before = openFiles(pid);
  let isOver = false;
  const signingIn = signIn(() => isOver);
  const reading = read(() => isOver);
  const first = open(each);
  await sleep(betweenWavesMs);
  const second = open(each);
  const lastAt = performance.now();
  await sleep(afterWavesMs);
  const closedAfterMs = await untilClosed(pid, before, lastAt);
  isOver = true;
  const [signIns, pages] = await Promise.all([signingIn, reading]);
  for (const wave of [first, second]) wave.close();
  return { what, connections: 2 * each, signIns, pages, closedAfterMs };
}

/** The open files of a process, connections among them, where the system tells. */
function openFiles(pid: number): number | undefined {
  try {
    return readdirSync(`/proc/${pid}/fd`).length;
  } catch {
    return undefined;
  }
}

async function untilClosed(pid: number, before: number | undefined, fromMs: number) {
  // What else the process opens meanwhile, such as connections to PostgreSQL.
  const others = 25;
  if (before === undefined) return undefined;
  for (; performance.now() - fromMs < 40_000; await sleep(250))
    if ((openFiles(pid) ?? 0) <= before + others) return performance.now() - fromMs;
  return undefined;
}

async function busyWith(what: string, url: string, service: IsolatedService): Promise<Busy> {
  const probes = [service.url, service.pagesUrl ?? ''].map((each) => startHealthProbe(each));
  const [api, pages] = await Promise.all(probes);
  const load = loadWith(url, 200);
  await sleep(busyMs);
  const samples = await Promise.all([api, pages].map((probe) => probe?.stop()));
  await load.stop();
  const [ofApi, ofPages] = samples.map((each) => ({
    asked: each?.healthMs.length ?? 0,
    failed: each?.failed ?? 0,
    slowestMs: Math.max(0, ...(each?.healthMs ?? [])),
    lateMs: each?.lateMs.max ?? 0,
  }));
  if (!ofApi || !ofPages) throw new Error('no samples');
  return { what, statuses: load.statuses, health: { api: ofApi, pages: ofPages } };
}
