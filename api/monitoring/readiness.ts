import { type Client, WorkflowIdConflictPolicy, WorkflowNotFoundError } from '@temporalio/client';
import { citizenTaskQueue } from '../../domain/task-queues.ts';
import type { Database } from '../../platform/database.ts';
import { alive, workerProbe } from '../../workflows/worker-probe.ts';
import { Unavailable } from '../citizens/citizen-client.ts';
import { retryOnce } from '../citizens/retry-once.ts';

const probeWorkflowId = 'worker-probe';
const cacheTtlMs = 1_000;
/** A process that has heard of no worker for so long lets requests in without. */
const startupGraceMs = 15_000;

/** Whether what the API stands on is there. */
export interface Readiness {
  /** What the last round said: every dependency, by name. */
  readonly state: { readonly database: boolean; readonly worker: boolean };
  /** Asks a worker now, in the time of a message to a citizen. @throws Unavailable */
  probeWorker(): Promise<void>;
  /** What was said at most a second ago. However many ask, one question is under way: asking makes no work. */
  refreshedState(): Promise<Readiness['state']>;
  /**
   * Whether requests may come: PostgreSQL answers, and either a worker once has or the process is no longer new. What needs
   * a worker is refused until this process has heard of one, so a new one waits for that, and not for ever.
   */
  refreshedForTraffic(): Promise<{ readonly database: boolean; readonly started: boolean }>;
  /** Whether the process is about to stop, and wants no more requests though it answers them. */
  readonly isDraining: boolean;
  /** Says so from now on. */
  startDraining(): void;
  /** No round after this; resolves when the last one is over, so that what it asks may be closed. */
  stop(): Promise<void>;
}

/** Probes once a second. The list of pollers names dead workers for a minute, so a worker is asked a real question. */
export function watchReadiness(client: Client, db: Database, everyMs = 1_000): Readiness {
  const startedAt = performance.now();
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  let isLeaving = false;

  const probe = (patienceMs: number): Promise<void> => retryOnce(patienceMs, probeUntil);

  const probeUntil = async (deadline: number): Promise<void> => {
    try {
      await client.connection.withDeadline(deadline, () =>
        client.workflow.getHandle(probeWorkflowId).query(alive),
      );
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
      // The first time in this namespace.
      await client.connection.withDeadline(deadline, () =>
        client.workflow.start(workerProbe, {
          workflowId: probeWorkflowId,
          taskQueue: citizenTaskQueue,
          workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
        }),
      );
      await client.connection.withDeadline(deadline, () =>
        client.workflow.getHandle(probeWorkflowId).query(alive),
      );
    }
  };

  const database = createProbe(() => db.pool.query('SELECT 1'));
  // A question that went to a worker which was just being replaced is no news: two in a row are.
  const worker = createProbe(() => probe(3_000), 2);
  const stateNow = () => ({ database: database.isUp, worker: worker.isUp });
  const freshOf = async (one: Probe): Promise<boolean> => {
    if (!isStopped) await one.refresh();
    return one.isUp;
  };

  const again = async (): Promise<void> => {
    await Promise.all([database.run(), worker.run()]);
    if (!isStopped) timer = setTimeout(next, everyMs).unref();
  };
  const next = () => {
    round = again();
  };
  let round = again();
  return {
    get state() {
      return stateNow();
    },
    get isDraining() {
      return isLeaving;
    },
    startDraining() {
      isLeaving = true;
    },
    async probeWorker() {
      if (!worker.isUp) throw new Unavailable();
      await probe(4_500).catch(() => {
        throw new Unavailable();
      });
    },
    async refreshedState() {
      await Promise.all([freshOf(database), freshOf(worker)]);
      return stateNow();
    },
    async refreshedForTraffic() {
      const isOld = performance.now() - startedAt > startupGraceMs;
      return { database: await freshOf(database), started: worker.hasBeenUp || isOld };
    },
    async stop() {
      isStopped = true;
      clearTimeout(timer);
      await round;
      await Promise.all([database.drain(), worker.drain()]);
    },
  };
}

/** One of the things that the API stands on. */
interface Probe {
  /** What was said last, but for a question or two that were not answered. */
  readonly isUp: boolean;
  /** Whether it has ever been there. */
  readonly hasBeenUp: boolean;
  /** Asks, and keeps what is said. Whoever comes meanwhile shares it. */
  run(): Promise<void>;
  /** The same, unless something was said within the last second. */
  refresh(): Promise<void>;
  /** When the question under way is over. */
  drain(): Promise<void>;
}

/** `strikes`: after so many questions in a row that were not answered it is taken to be away. */
function createProbe(ask: () => Promise<unknown>, strikes = 1): Probe {
  let isThere = false;
  let unanswered = 0;
  let wasThere = false;
  let toldAt = Number.NEGATIVE_INFINITY;
  let looking: Promise<void> | undefined;
  const asked = async (): Promise<void> => {
    unanswered = (await ask().then(yes, no)) ? 0 : unanswered + 1;
    isThere = unanswered === 0 || (isThere && unanswered < strikes);
    wasThere ||= isThere;
    toldAt = performance.now();
    looking = undefined;
  };
  const run = (): Promise<void> => {
    looking ??= asked();
    return looking;
  };
  return {
    get isUp() {
      return isThere;
    },
    get hasBeenUp() {
      return wasThere;
    },
    run,
    async refresh() {
      if (performance.now() - toldAt > cacheTtlMs) await run();
    },
    async drain() {
      await looking;
    },
  };
}

const yes = () => true;
const no = () => false;
