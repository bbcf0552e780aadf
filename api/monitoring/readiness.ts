import type { Client } from '@temporalio/client';
import type { Database } from '../../platform/database.ts';
import { Unavailable } from '../http/unavailable.ts';
import { createProbe, type Probe } from './probe.ts';
import { createWorkerProbe } from './worker-probe.ts';

/** A process without any reply of a worker for so long (ms) accepts requests nevertheless. */
const startupGraceMs = 15_000;

/** The state of the API's dependencies. */
export interface Readiness {
  /** The result of the last probes. */
  readonly state: { readonly database: boolean; readonly worker: boolean };
  /** Probes a worker now; takes as long as an update of a citizen's workflow. @throws Unavailable */
  probeWorker(): Promise<void>;
  /** The state, at most a second old. Concurrent callers share one probe. */
  readState(): Promise<Readiness['state']>;
  /**
   * Whether to route requests here: PostgreSQL replies, and a worker has replied once or the startup grace is over. (A
   * new process refuses what needs a worker until the first reply of one.)
   */
  readStateForTraffic(): Promise<{ readonly database: boolean; readonly started: boolean }>;
  /** The process is about to stop: not ready, though it still serves requests. */
  readonly isDraining: boolean;
  /** Sets `isDraining`. */
  startDraining(): void;
  /** Stops probing; resolves when the probes in progress are finished, so that their connections may be closed. */
  stop(): Promise<void>;
}

/**
 * Probes PostgreSQL and a worker, by default once a second. Temporal's list of pollers includes dead workers for a minute, so a
 * worker is probed by a query of a workflow.
 */
export function watchReadiness(client: Client, db: Database, everyMs = 1_000): Readiness {
  const startedAt = performance.now();
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  let isDraining = false;

  const probeWorker = createWorkerProbe(client);
  const database = createProbe(() => db.pool.query('SELECT 1'));
  // A single query may have gone to a worker that was just being replaced.
  const worker = createProbe(() => probeWorker(3_000), 2);
  const currentState = () => ({ database: database.isUp, worker: worker.isUp });
  const refreshed = async (probe: Probe): Promise<boolean> => {
    if (!isStopped) await probe.refresh();
    return probe.isUp;
  };

  const runRound = async (): Promise<void> => {
    await Promise.all([database.run(), worker.run()]);
    if (!isStopped) timer = setTimeout(startRound, everyMs).unref();
  };
  const startRound = () => {
    round = runRound();
  };
  let round = runRound();
  return {
    get state() {
      return currentState();
    },
    get isDraining() {
      return isDraining;
    },
    startDraining() {
      isDraining = true;
    },
    async probeWorker() {
      if (!worker.isUp) throw new Unavailable();
      await probeWorker(4_500).catch(() => {
        throw new Unavailable();
      });
    },
    async readState() {
      await Promise.all([refreshed(database), refreshed(worker)]);
      return currentState();
    },
    async readStateForTraffic() {
      const isGraceOver = performance.now() - startedAt > startupGraceMs;
      return { database: await refreshed(database), started: worker.hasBeenUp || isGraceOver };
    },
    async stop() {
      isStopped = true;
      clearTimeout(timer);
      await round;
      await Promise.all([database.drain(), worker.drain()]);
    },
  };
}
