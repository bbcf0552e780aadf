import { randomUUID } from 'node:crypto';
import { statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Client } from '@temporalio/client';
import { Client as Postgres } from 'pg';
import { citizenTaskQueue } from '../domain/task-queues.ts';
import { citizenWorkflowId, openTemporal } from '../platform/temporal.ts';
import type { citizen } from '../workflows/citizen.ts';
import { beginSignIn, type Citizen, enterOtp, settle, signIn } from './citizens.ts';
import { startFloor } from './floor.ts';
import type { bareSleeper } from './floors/journeys.ts';
import { bareQueue } from './floors/journeys.ts';
import { closedLoop, type Load } from './load.ts';
import { memoryMiB, processorMs } from './processor-time.ts';
import { report, say, type Target } from './report.ts';
import { quantile, spreadOf } from './rounds.ts';
import { type Service, withService } from './service.ts';
import { activeAttributes, activeSnapshot, fillTables } from './sleeping-citizens.ts';

/** As many workflows as a worker keeps in its cache (worker/workers.ts). */
const cached = 500;

/** What a number of sleepers costs. */
interface Cost {
  readonly startedPerSecond: number;
  readonly bytesEach: number;
}

/** How the service does. */
interface Health {
  readonly signInsPerSecond: number;
  readonly substantialPerSecond: number;
  readonly substantialP50Ms: number;
  readonly substantialP99Ms: number;
  readonly apiMiB: number;
  readonly workerMiB: number;
  readonly temporalMiB: number;
}

/**
 * `npm run bench:sleepers -- --count 10000 --population 100000`: what so many active citizens asleep cost: Temporal's
 * database, memory, and what others feel of them, beside as many bare workflows that sleep. PostgreSQL holds the whole
 * population, asleep or not: its rows are written in seconds, while each workflow has to be started.
 */
export async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      count: { type: 'string', default: '10000' },
      population: { type: 'string', default: '100000' },
    },
  });
  const [count, population] = [Number(values.count), Number(values.population)];
  const result = await withService(async (service) => {
    const client = openTemporal({
      TEMPORAL_ADDRESS: service.temporalAddress,
      TEMPORAL_NAMESPACE: 'default',
    });
    await untilIdle([service.pidOf('worker'), service.pidOf('temporal')]);
    const restMiB = memoryMiB(service.pidOf('api')) + memoryMiB(service.pidOf('worker'));
    const closed = await closedChapters(service);
    const citizens = closed.citizens;
    // The worker's cache is full before anything is compared: what it holds is bounded, whatever comes afterwards.
    await fallAsleep(service, cached, service.pidOf('worker'), () => startCitizen(client, service));
    await healthOf(service, citizens);
    const before = await healthOf(service, citizens);
    say(`  … ${count} citizens fall asleep`);
    const postgres = new Postgres({ connectionString: service.ownerUrl });
    await postgres.connect();
    await fillTables(postgres, Math.max(count, population));
    await postgres.end();
    const product = await fallAsleep(service, count, service.pidOf('worker'), () =>
      startCitizen(client, service),
    );
    const after = await healthOf(service, citizens);
    const worker = await startFloor('journeys-worker.ts', service.environment);
    say(`  … ${count} bare workflows fall asleep`);
    const floor = await fallAsleep(service, count, worker.pid, () => startBare(client));
    await worker.stop();
    await client.connection.close();
    return {
      count,
      population,
      restMiB,
      closedChapterBytes: closed.bytesEach,
      before,
      after,
      product,
      floor,
    };
  });
  const targets = targetsOf(result);
  report('sleepers', { rows: rowsOf(result), targets, figures: result });
  return targets.every(({ met }) => met) ? 0 : 1;
}

const startCitizen = (client: Client, { ring }: Service): Promise<unknown> => {
  const citizenId = randomUUID();
  return client.workflow.start<typeof citizen>('citizen', {
    workflowId: citizenWorkflowId(citizenId),
    taskQueue: citizenTaskQueue,
    args: [activeSnapshot(citizenId, ring)],
    typedSearchAttributes: activeAttributes(),
  });
};

const startBare = (client: Client): Promise<unknown> =>
  client.workflow.start<typeof bareSleeper>('bareSleeper', {
    workflowId: `bare/${randomUUID()}`,
    taskQueue: bareQueue,
  });

/** Starts so many and waits until all of them sleep: until the worker has nothing left to do. */
async function fallAsleep(
  service: Service,
  count: number,
  workerPid: number,
  start: () => Promise<unknown>,
): Promise<Cost> {
  const bytesBefore = temporalBytes(service);
  const startedAt = performance.now();
  let left = count;
  const startSome = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await start();
    }
  };
  await Promise.all(Array.from({ length: 8 }, startSome));
  await untilIdle([workerPid, service.pidOf('temporal')]);
  return {
    startedPerSecond: (count * 1_000) / (performance.now() - startedAt),
    bytesEach: (temporalBytes(service) - bytesBefore) / count,
  };
}

async function untilIdle(pids: readonly number[]): Promise<void> {
  const used = () => pids.reduce((sum, pid) => sum + processorMs(pid), 0);
  for (let quiet = 0; quiet < 2; ) {
    const before = used();
    await sleep(2_000);
    quiet = used() - before < 200 ? quiet + 1 : 0;
  }
}

/** What Temporal keeps on the disk, with what it has not folded into its file yet. */
const temporalBytes = ({ temporalFile }: Service): number =>
  statSync(temporalFile).size + (statSync(`${temporalFile}-wal`, { throwIfNoEntry: false })?.size ?? 0);

/** What an activation leaves behind until Temporal's retention is over: the closed chapter and two notices. */
async function closedChapters(service: Service): Promise<{ citizens: Citizen[]; bytesEach: number }> {
  await settle(service);
  const bytesBefore = temporalBytes(service);
  const citizens: Citizen[] = [];
  for (let number = 0; number < 64; number += 1) citizens.push(await settle(service));
  await untilIdle([service.pidOf('worker'), service.pidOf('temporal')]);
  return { citizens, bytesEach: (temporalBytes(service) - bytesBefore) / citizens.length };
}

async function healthOf(service: Service, citizens: readonly Citizen[]): Promise<Health> {
  const load = async (work: (citizen: Citizen) => Promise<unknown>) => {
    const loads: Load[] = [];
    for (let round = 0; round < 3; round += 1)
      loads.push(await closedLoop({ callers: 8, ms: 4_000 }, (caller) => work(citizens[caller] as Citizen)));
    return {
      perSecond: spreadOf(loads.map(({ perSecond }) => perSecond)).median,
      tookMs: loads.flatMap(({ tookMs }) => tookMs),
    };
  };
  const basic = await load((who) => signIn(service.url, who));
  const substantial = await load(async (who) => enterOtp(service, await beginSignIn(service, who)));
  await untilIdle([service.pidOf('worker'), service.pidOf('temporal')]);
  return {
    signInsPerSecond: basic.perSecond,
    substantialPerSecond: substantial.perSecond,
    substantialP50Ms: quantile(substantial.tookMs, 0.5),
    substantialP99Ms: quantile(substantial.tookMs, 0.99),
    apiMiB: memoryMiB(service.pidOf('api')),
    workerMiB: memoryMiB(service.pidOf('worker')),
    temporalMiB: memoryMiB(service.pidOf('temporal')),
  };
}

interface Result {
  readonly count: number;
  readonly population: number;
  /** API and worker, built, before anything is asked of them. */
  readonly restMiB: number;
  readonly closedChapterBytes: number;
  readonly before: Health;
  readonly after: Health;
  readonly product: Cost;
  readonly floor: Cost;
}

const kib = (bytes: number): string => (bytes / 1_024).toFixed(1);

function rowsOf({ count, population, closedChapterBytes, before, after, product, floor }: Result) {
  const row = (what: string, none: string, many: string) => ({
    what,
    'no sleepers': none,
    [`${count} sleepers`]: many,
  });
  const both = (what: string, name: keyof Health) =>
    row(what, before[name].toFixed(1), after[name].toFixed(1));
  return [
    row('citizens in PostgreSQL', '65', String(Math.max(count, population))),
    row('KiB in Temporal’s database each (bare)', '', `${kib(product.bytesEach)} (${kib(floor.bytesEach)})`),
    row('KiB of closed chapters after an activation, until retention ends', kib(closedChapterBytes), ''),
    row(
      'fall asleep a second (bare)',
      '',
      `${product.startedPerSecond.toFixed(0)} (${floor.startedPerSecond.toFixed(0)})`,
    ),
    both('sign-ins a second, 8 callers', 'signInsPerSecond'),
    both('reinforced sign-ins a second, 8 callers', 'substantialPerSecond'),
    both('a reinforced sign-in, p50, ms', 'substantialP50Ms'),
    both('a reinforced sign-in, p99, ms', 'substantialP99Ms'),
    both('API, MiB', 'apiMiB'),
    both('worker, MiB', 'workerMiB'),
    both('Temporal, MiB', 'temporalMiB'),
  ];
}

function targetsOf({ count, restMiB, before, after, product, floor }: Result): Target[] {
  const bytes = product.bytesEach / floor.bytesEach;
  const rate = after.signInsPerSecond / before.signInsPerSecond;
  const grownMiB = after.workerMiB - before.workerMiB;
  return [
    {
      what: 'a sleeping citizen in Temporal’s database',
      wanted: '1.25 times a bare one at most',
      measured: `${bytes.toFixed(2)} times`,
      met: bytes <= 1.25,
    },
    {
      what: `sign-ins a second with ${count} asleep`,
      wanted: '0.90 of those without',
      measured: rate.toFixed(2),
      met: rate >= 0.9,
    },
    {
      what: 'the worker’s memory',
      wanted: 'does not grow with them',
      measured: `${grownMiB.toFixed(0)} MiB, ${((grownMiB * 1_024) / count).toFixed(2)} KiB each`,
      met: (grownMiB * 1_024) / count < 2,
    },
    {
      what: 'API and worker at rest',
      wanted: '350 MiB at most',
      measured: `${restMiB.toFixed(0)} MiB`,
      met: restMiB <= 350,
    },
  ];
}
