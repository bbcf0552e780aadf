import { readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { build } from '../../local/fleet/build.ts';
import { type IsolatedService, startIsolatedService } from '../../local/fleet/isolated-service.ts';
import { noAddressLimits } from '../../local/fleet/no-address-limits.ts';
import { goodPassword } from '../../test/actors/credentials.ts';
import { startHealthProbe } from '../overload/health-probe-process.ts';
import { registerActive } from '../overload/registered-citizens.ts';
import { keepSigningIn, type SignIns } from './signing-in.ts';
import { type HeldSockets, heldBody, holdSockets, loadWith, unreadReplies } from './slow-sockets.ts';

/** What others met while connections were held that neither read nor hang up. */
export interface Held {
  readonly what: string;
  readonly connections: number;
  readonly signIns: SignIns;
  /** Pages meanwhile. */
  readonly pages: Readonly<Record<string, number>>;
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
  readonly held: readonly Held[];
  readonly busy: readonly Busy[];
}

const policy = { ...noAddressLimits, textsPerPhone: { tries: 1_000_000, per: 'P1D' } };
// Each connection of a load is a client of its own.
const environmentOf = { portal: { TRUST_PROXY: '1' } };

/** Each wave is held for longer than any deadline of the servers, beside a second one. */
const betweenWavesMs = 9_000;
const afterWavesMs = 15_000;
const busyMs = 6_000;

/**
 * Holds connections at the service, compiled and in processes of its own, and puts load on it. `times`: requests of one
 * connection whose replies are not read, as many as the buffers of the kernel do not take.
 */
export async function slowClients(times: number): Promise<SlowClientsResult> {
  const built = build();
  try {
    const service = await startIsolatedService(built, { policy, environmentOf, withPages: true });
    try {
      return await against(service, times);
    } finally {
      await service.stop();
    }
  } finally {
    built.remove();
  }
}

async function against(service: IsolatedService, times: number): Promise<SlowClientsResult> {
  const { url, pagesUrl = '' } = service;
  const [citizen] = await registerActive({ ...service, stop: () => service.stop() }, 1);
  const body = { nationalId: citizen?.nationalId, password: goodPassword };
  const signIn = (isOver: () => boolean) => keepSigningIn(url, body, isOver);
  const style = /\/assets\/[\w-]+\/portal\.css/.exec(await (await fetch(`${pagesUrl}/es`)).text())?.[0] ?? '';
  const hold = (what: string, each: number, open: () => HeldSockets[], pid: number) =>
    heldBeside({ what, each, open, pid, signIn, page: `${pagesUrl}/es/web-map` });
  const [api, portal] = [service.pidOf('api'), service.pidOf('portal')];
  const bundle = unreadReplies('/docs/swagger-ui-bundle.js', times);
  const styles = unreadReplies(style, times * 16);
  return {
    held: [
      await hold(
        'bodies that never come',
        200,
        () => [holdSockets(url, 200, heldBody('/api/v1/sessions'))],
        api,
      ),
      await hold('replies of the API that nobody reads', 165, () => [holdSockets(url, 165, bundle)], api),
      await hold(
        'replies of the pages that nobody reads',
        165,
        () => [holdSockets(pagesUrl, 165, styles)],
        portal,
      ),
    ],
    busy: [
      await busyWith('200 connections at the pages', `${pagesUrl}/es/web-map`, service),
      await busyWith('200 connections at the API', `${url}/api/v1/password-policy`, service),
    ],
  };
}

async function heldBeside({
  what,
  each,
  open,
  pid,
  signIn,
  page,
}: {
  what: string;
  each: number;
  open: () => HeldSockets[];
  pid: number;
  signIn: (isOver: () => boolean) => Promise<SignIns>;
  page: string;
}): Promise<Held> {
  const before = openFiles(pid);
  let isOver = false;
  const signingIn = signIn(() => isOver);
  const reading = keepReading(page, () => isOver);
  const sockets = open();
  await sleep(betweenWavesMs);
  sockets.push(...open());
  const lastAt = performance.now();
  await sleep(afterWavesMs);
  const closedAfterMs = await untilClosed(pid, before, lastAt);
  isOver = true;
  const [signIns, pages] = await Promise.all([signingIn, reading]);
  for (const held of sockets) held.close();
  return { what, connections: 2 * each, signIns, pages, closedAfterMs };
}

async function keepReading(url: string, isOver: () => boolean): Promise<Record<string, number>> {
  const statuses: Record<string, number> = {};
  while (!isOver()) {
    const status = await fetch(url, { headers: { Connection: 'close' }, signal: AbortSignal.timeout(15_000) })
      .then(async (response) => {
        await response.text();
        return response.status;
      })
      .catch(() => 0);
    statuses[status] = (statuses[status] ?? 0) + 1;
    await sleep(200);
  }
  return statuses;
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
