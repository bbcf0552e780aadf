import { type Client, WorkflowIdConflictPolicy, WorkflowNotFoundError } from '@temporalio/client';
import { citizenTaskQueue } from '../../domain/task-queues.ts';
import type { Database } from '../../platform/database.ts';
import { alive, workerProbe } from '../../workflows/worker-probe.ts';
import { Unavailable } from '../citizens/citizen-client.ts';
import { twice } from '../citizens/retry-once.ts';

const probeWorkflowId = 'worker-probe';
const freshForMs = 1_000;
/** A process that has heard of no worker for so long lets requests in without. */
const newForMs = 15_000;

/** Whether what the API stands on is there. */
export interface Readiness {
  /** What the last round said: every dependency, by name. */
  readonly state: { readonly database: boolean; readonly worker: boolean };
  /** Asks a worker now, in the time of a message to a citizen. @throws Unavailable */
  askWorker(): Promise<void>;
  /** What was said at most a second ago. However many ask, one question is under way: asking makes no work. */
  fresh(): Promise<Readiness['state']>;
  /**
   * Whether requests may come: PostgreSQL answers, and either a worker once has or the process is no longer new. What needs
   * a worker is refused until this process has heard of one, so a new one waits for that, and not for ever.
   */
  freshForRequests(): Promise<{ readonly database: boolean; readonly started: boolean }>;
  /** Whether the process is about to stop, and wants no more requests though it answers them. */
  readonly isLeaving: boolean;
  /** Says so from now on. */
  leave(): void;
  /** No round after this; resolves when the last one is over, so that what it asks may be closed. */
  stop(): Promise<void>;
}

/** Probes once a second. The list of pollers names dead workers for a minute, so a worker is asked a real question. */
export function watchReadiness(client: Client, db: Database, everyMs = 1_000): Readiness {
  const startedAt = performance.now();
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  let isLeaving = false;

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

  const database = watched(() => db.pool.query('SELECT 1'));
  // A question that went to a worker which was just being replaced is no news: two in a row are.
  const worker = watched(() => probe(3_000), 2);
  const stateNow = () => ({ database: database.isThere, worker: worker.isThere });
  const freshOf = async (one: Watched): Promise<boolean> => {
    if (!isStopped) await one.freshen();
    return one.isThere;
  };

  const again = async (): Promise<void> => {
    await Promise.all([database.look(), worker.look()]);
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
    get isLeaving() {
      return isLeaving;
    },
    leave() {
      isLeaving = true;
    },
    async askWorker() {
      if (!worker.isThere) throw new Unavailable();
      await probe(4_500).catch(() => {
        throw new Unavailable();
      });
    },
    async fresh() {
      await Promise.all([freshOf(database), freshOf(worker)]);
      return stateNow();
    },
    async freshForRequests() {
      const isOld = performance.now() - startedAt > newForMs;
      return { database: await freshOf(database), started: worker.wasThere || isOld };
    },
    async stop() {
      isStopped = true;
      clearTimeout(timer);
      await round;
      await Promise.all([database.settled(), worker.settled()]);
    },
  };
}

/** One of the things that the API stands on. */
interface Watched {
  /** What was said last, but for a question or two that were not answered. */
  readonly isThere: boolean;
  /** Whether it has ever been there. */
  readonly wasThere: boolean;
  /** Asks, and keeps what is said. Whoever comes meanwhile shares it. */
  look(): Promise<void>;
  /** The same, unless something was said within the last second. */
  freshen(): Promise<void>;
  /** When the question under way is over. */
  settled(): Promise<void>;
}

/** `strikes`: after so many questions in a row that were not answered it is taken to be away. */
function watched(ask: () => Promise<unknown>, strikes = 1): Watched {
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
  const look = (): Promise<void> => {
    looking ??= asked();
    return looking;
  };
  return {
    get isThere() {
      return isThere;
    },
    get wasThere() {
      return wasThere;
    },
    look,
    async freshen() {
      if (performance.now() - toldAt > freshForMs) await look();
    },
    async settled() {
      await looking;
    },
  };
}

const yes = () => true;
const no = () => false;
