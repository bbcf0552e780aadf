import { type Client, WorkflowIdConflictPolicy, WorkflowNotFoundError } from '@temporalio/client';
import { citizenTaskQueue } from '../../domain/task-queues.ts';
import type { Database } from '../../platform/database.ts';
import { alive, workerProbe } from '../../workflows/worker-probe.ts';
import { Unavailable } from './ask.ts';
import { twice } from './twice.ts';

const probeWorkflowId = 'worker-probe';
const freshForMs = 1_000;

/** Whether what the API stands on is there. */
export interface Readiness {
  /** What the last round said: every dependency, by name. */
  readonly state: { readonly database: boolean; readonly worker: boolean };
  /** Asks a worker now, in the time of a message to a citizen. @throws Unavailable */
  askWorker(): Promise<void>;
  /** What was said at most a second ago. However many ask, one question is under way: asking makes no work. */
  fresh(): Promise<Readiness['state']>;
  /** Whether the process is about to stop, and wants no more requests though it answers them. */
  readonly isLeaving: boolean;
  /** Says so from now on. */
  leave(): void;
  /** No round after this; resolves when the last one is over, so that what it asks may be closed. */
  stop(): Promise<void>;
}

/** Probes once a second. The list of pollers names dead workers for a minute, so a worker is asked a real question. */
export function watchReadiness(client: Client, db: Database, everyMs = 1_000): Readiness {
  let state = { database: false, worker: false };
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  let isLeaving = false;
  let toldAt = Number.NEGATIVE_INFINITY;
  let looking: Promise<void> | undefined;

  const probe = (patienceMs: number): Promise<void> => twice(patienceMs, probeUntil);

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

  const ask = async (): Promise<void> => {
    const [database, worker] = await Promise.all([
      db.pool.query('SELECT 1').then(yes, no),
      probe(3_000).then(yes, no),
    ]);
    state = { database, worker };
    toldAt = performance.now();
  };

  /** One round: asks each and keeps what they say. Whoever comes meanwhile shares it. */
  const look = (): Promise<void> => {
    looking ??= ask().finally(() => {
      looking = undefined;
    });
    return looking;
  };

  const again = async (): Promise<void> => {
    await look();
    if (!isStopped) timer = setTimeout(next, everyMs).unref();
  };
  const next = () => {
    round = again();
  };
  let round = again();

  return {
    get state() {
      return state;
    },
    get isLeaving() {
      return isLeaving;
    },
    leave() {
      isLeaving = true;
    },
    async askWorker() {
      if (!state.worker) throw new Unavailable();
      await probe(4_500).catch(() => {
        throw new Unavailable();
      });
    },
    async fresh() {
      if (!isStopped && performance.now() - toldAt > freshForMs) await look();
      return state;
    },
    async stop() {
      isStopped = true;
      clearTimeout(timer);
      await round;
      await looking;
    },
  };
}

const yes = () => true;
const no = () => false;
