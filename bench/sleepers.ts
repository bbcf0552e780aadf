import { randomUUID } from 'node:crypto';
import { statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Client } from '@temporalio/client';
import { Client as Postgres } from 'pg';
import { citizenTaskQueue } from '../domain/task-queues.ts';
import { citizenWorkflowId, createTemporalClient } from '../platform/temporal.ts';
import type { citizen } from '../workflows/citizen.ts';
import { type Baseline, startBaseline } from './baseline.ts';
import { bareQueue } from './baselines/bare-queues.ts';
import type { bareDormantCitizen } from './baselines/journeys.ts';
import { type Citizen, enterReceivedOtp, registerActive, signIn, startSignIn } from './citizens.ts';
import { activeAttributes, activeSnapshot, fillTables } from './dormant-citizens.ts';
import { closedLoop } from './load.ts';
import { memoryMiB, processorMs } from './processor-time.ts';
import { formatSpread, report, say, type Target } from './report.ts';
import { alternately, compareRounds, quantile, type RoundComparison } from './rounds.ts';
import { type Service, withService } from './service.ts';

/** The cost of dormant citizens. */
interface Cost {
  readonly startedPerSecond: number;
  readonly bytesEach: number;
}

/** Figures of the service and of the baseline beside it, in alternation: other load of the machine affects both. */
interface Health {
  readonly signIns: RoundComparison;
  readonly substantial: RoundComparison;
  readonly substantialP50Ms: number;
  readonly substantialP99Ms: number;
  /** Bytes that each leaves in Temporal's database until retention ends: its closed run. */
  readonly substantialBytes: number;
  readonly apiMiB: number;
  readonly workerMiB: number;
  readonly temporalMiB: number;
}

/** The figures with `asleep` dormant citizens. `cost`: of those added since the stage before. */
interface Stage {
  readonly asleep: number;
  readonly cost: Cost;
  readonly health: Health;
}

/**
 * `npm run bench:sleepers -- --counts 1000,10000,100000 --bare 4000 --population 100000`: the cost of
 * dormant active citizens in Temporal's database, in memory and for the sign-ins of others, beside bare workflows that
 * sleep. After the first count PostgreSQL holds the whole population: its rows are written in seconds, while each
 * workflow has to be started.
 */
export async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      counts: { type: 'string', default: '1000,10000,100000' },
      bare: { type: 'string', default: '4000' },
      population: { type: 'string', default: '100000' },
    },
  });
  const counts = values.counts.split(',').map(Number);
  const [bare, population] = [Number(values.bare), Number(values.population)];
  const result = await withService(async (service) => {
    const client = createTemporalClient({
      TEMPORAL_ADDRESS: service.temporalAddress,
      TEMPORAL_NAMESPACE: 'default',
    });
    const workerPid = service.pidOf('worker');
    await untilIdle([workerPid, service.pidOf('temporal')]);
    const restMiB = memoryMiB(service.pidOf('api')) + memoryMiB(workerPid);
    const { citizens, bytesEach: closedRunBytes } = await closedRuns(service);
    const bareSignIn = await startBaseline('sign-in.ts', service.beside('api'));
    await healthOf(service, bareSignIn, citizens); // compiled, connected, cached
    const stages: Stage[] = [];
    for (const asleep of counts) {
      const more = asleep - (stages.at(-1)?.asleep ?? 0);
      if (stages.length === 1) await fill(service, Math.max(population, ...counts));
      const cost = await startDormant(service, more, workerPid, () => startCitizen(client, service));
      const health = await healthOf(service, bareSignIn, citizens);
      if (service.pidOf('worker') !== workerPid) throw new Error('the worker has died meanwhile');
      stages.push({ asleep, cost, health });
      say(`  … ${asleep} asleep: ${inWords(health)}`);
    }
    await bareSignIn.stop();
    say(`  … ${bare} bare workflows fall asleep`);
    const worker = await startBaseline('journeys-worker.ts', service.beside('worker'));
    const baseline = await startDormant(service, bare, worker.pid, () => startBare(client));
    await worker.stop();
    await client.connection.close();
    return { population, restMiB, closedRunBytes, stages, baseline };
  });
  const targets = targetsOf(result);
  report('sleepers', { rows: rowsOf(result), targets, figures: result });
  return targets.every(({ met }) => met) ? 0 : 1;
}

async function fill({ ownerUrl }: Service, population: number): Promise<void> {
  const owner = new Postgres({ connectionString: ownerUrl });
  await owner.connect();
  await fillTables(owner, population);
  await owner.end();
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
  client.workflow.start<typeof bareDormantCitizen>('bareDormantCitizen', {
    workflowId: `bare/${randomUUID()}`,
    taskQueue: bareQueue,
  });

/** Starts `count` workflows and waits until all of them sleep: until worker and server are idle. */
async function startDormant(
  service: Service,
  count: number,
  workerPid: number,
  start: () => Promise<unknown>,
): Promise<Cost> {
  const bytesBefore = temporalBytes(service);
  const startedAt = performance.now();
  let left = count;
  const startRemaining = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await start();
    }
  };
  await Promise.all(Array.from({ length: 8 }, startRemaining));
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

/** The size of Temporal's database on the disk, with its write-ahead log. */
const temporalBytes = ({ temporalFile }: Service): number =>
  statSync(temporalFile).size + (statSync(`${temporalFile}-wal`, { throwIfNoEntry: false })?.size ?? 0);

/** Activates citizens. `bytesEach`: what an activation leaves until Temporal's retention ends: a closed run, two notices. */
async function closedRuns(service: Service): Promise<{ citizens: Citizen[]; bytesEach: number }> {
  await registerActive(service);
  const bytesBefore = temporalBytes(service);
  const citizens: Citizen[] = [];
  for (let number = 0; number < 64; number += 1) citizens.push(await registerActive(service));
  await untilIdle([service.pidOf('worker'), service.pidOf('temporal')]);
  return { citizens, bytesEach: (temporalBytes(service) - bytesBefore) / citizens.length };
}

async function healthOf(service: Service, bare: Baseline, citizens: readonly Citizen[]): Promise<Health> {
  const load = (work: (citizen: Citizen) => Promise<unknown>) =>
    closedLoop({ callers: 8, ms: 4_000 }, (caller) => work(citizens[caller] as Citizen));
  const baseline = async () => (await load((who) => signIn(bare.url, who))).perSecond;
  const signIns = await alternately(
    3,
    baseline,
    async () => (await load((who) => signIn(service.url, who))).perSecond,
  );
  const tookMs: number[] = [];
  const bytesBefore = temporalBytes(service);
  const substantial = await alternately(3, baseline, async () => {
    const round = await load(async (who) => enterReceivedOtp(service, who, await startSignIn(service, who)));
    tookMs.push(...round.tookMs);
    return round.perSecond;
  });
  await untilIdle([service.pidOf('worker'), service.pidOf('temporal')]);
  return {
    signIns: compareRounds(signIns),
    substantial: compareRounds(substantial),
    substantialP50Ms: quantile(tookMs, 0.5),
    substantialP99Ms: quantile(tookMs, 0.99),
    substantialBytes: (temporalBytes(service) - bytesBefore) / tookMs.length,
    apiMiB: memoryMiB(service.pidOf('api')),
    workerMiB: memoryMiB(service.pidOf('worker')),
    temporalMiB: memoryMiB(service.pidOf('temporal')),
  };
}

const inWords = ({ signIns, substantial, workerMiB }: Health): string =>
  `sign-ins ${formatSpread(signIns.ratio, 2)} of the bare ones, reinforced ${formatSpread(substantial.ratio, 2)}, worker ${workerMiB.toFixed(0)} MiB`;

interface Result {
  readonly population: number;
  /** API and worker, compiled, before the first request. */
  readonly restMiB: number;
  readonly closedRunBytes: number;
  readonly stages: readonly Stage[];
  readonly baseline: Cost;
}

const kib = (bytes: number): string => (bytes / 1_024).toFixed(1);

function rowsOf({ closedRunBytes, stages, baseline }: Result) {
  const row = (what: string, bare: string, of: (stage: Stage) => string) => ({
    what,
    bare,
    ...Object.fromEntries(stages.map((stage) => [`${stage.asleep} asleep`, of(stage)])),
  });
  const number = (
    what: string,
    name: 'substantialP50Ms' | 'substantialP99Ms' | (`${string}MiB` & keyof Health),
  ) => row(what, '', ({ health }) => health[name].toFixed(0));
  return [
    row('KiB in Temporal’s database for each that was added', kib(baseline.bytesEach), ({ cost }) =>
      kib(cost.bytesEach),
    ),
    row('fall asleep a second', baseline.startedPerSecond.toFixed(0), ({ cost }) =>
      cost.startedPerSecond.toFixed(0),
    ),
    row('sign-ins a second, 8 callers', '', ({ health }) => formatSpread(health.signIns.product)),
    row('… beside a bare one', '1', ({ health }) => formatSpread(health.signIns.ratio, 2)),
    row('reinforced sign-ins a second, 8 callers', '', ({ health }) =>
      formatSpread(health.substantial.product),
    ),
    row('… beside a bare one of password alone', '1', ({ health }) =>
      formatSpread(health.substantial.ratio, 2),
    ),
    number('a reinforced sign-in, p50, ms', 'substantialP50Ms'),
    number('a reinforced sign-in, p99, ms', 'substantialP99Ms'),
    row('KiB of closed run after a reinforced sign-in, until retention ends', '', ({ health }) =>
      kib(health.substantialBytes),
    ),
    number('API, MiB', 'apiMiB'),
    number('worker, MiB', 'workerMiB'),
    number('Temporal, MiB', 'temporalMiB'),
    {
      what: 'KiB of closed run, notices and sleeper after an activation',
      bare: kib(closedRunBytes),
    },
  ];
}

function targetsOf({ population, restMiB, stages, baseline }: Result): Target[] {
  const [few, many] = [stages[0], stages.at(-1)];
  if (!few || !many) throw new RangeError('no counts');
  const bytes = many.cost.bytesEach / baseline.bytesEach;
  const rate = (name: 'signIns' | 'substantial') =>
    many.health[name].ratio.median / few.health[name].ratio.median;
  const grownMiB = many.health.workerMiB - few.health.workerMiB;
  const grownKibEach = (grownMiB * 1_024) / Math.max(1, many.asleep - few.asleep);
  const throughput = (what: string, name: 'signIns' | 'substantial'): Target => ({
    what: `${what} with ${many.asleep} asleep and ${population} in PostgreSQL`,
    wanted: `0.90 of those with ${few.asleep}`,
    measured: rate(name).toFixed(2),
    met: rate(name) >= 0.9,
  });
  return [
    {
      what: 'a sleeping citizen in Temporal’s database',
      wanted: '1.25 times a bare one at most',
      measured: `${bytes.toFixed(2)} times`,
      met: bytes <= 1.25,
    },
    throughput('sign-ins a second', 'signIns'),
    throughput('reinforced sign-ins a second', 'substantial'),
    {
      what: 'the worker’s memory',
      wanted: 'does not grow with them',
      measured: `${grownMiB.toFixed(0)} MiB, ${grownKibEach.toFixed(2)} KiB each`,
      met: grownKibEach < 2,
    },
    {
      what: 'API and worker at rest',
      wanted: '350 MiB at most',
      measured: `${restMiB.toFixed(0)} MiB`,
      met: restMiB <= 350,
    },
  ];
}
