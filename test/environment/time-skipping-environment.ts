import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll } from '@jest/globals';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { Client } from 'pg';
import type { Policy } from '../../domain/policy.ts';
import { searchAttributes } from '../../domain/search-attributes.ts';
import { type Database, openDatabase } from '../../platform/database.ts';
import { createLog } from '../../platform/log.ts';
import { dataConverterFor } from '../../platform/payload-codec.ts';
import { KeyRing } from '../../platform/secrets.ts';
import { indexedValueTypesOf } from '../../platform/temporal.ts';
import { createCitizenWorker, createSmsWorker } from '../../worker/workers.ts';
import type { WorkflowTestContext } from '../actors/workflow-context.ts';
import { FakeSmsSender } from './fake-sms-sender.ts';
import { payloadSettings } from './payload-key.ts';
import { sharedServers } from './shared-servers.ts';
import { silenceLogs } from './silence-logs.ts';
import { createTestDatabase, type TestDatabase } from './test-database.ts';
import { policyWith } from './test-policy.ts';

/** The workflows and real activities on a PostgreSQL of their own and a Temporal server whose time a test can skip. */
export interface TimeSkippingEnvironment {
  readonly temporal: TestWorkflowEnvironment;
  readonly db: Database;
  readonly database: TestDatabase;
  readonly ring: KeyRing;
  readonly sms: FakeSmsSender;
  readonly policy: Policy;
  /** The context of a `CitizenDriver`. */
  readonly context: WorkflowTestContext;
  /** The server's clock (ms), which is the workflows'. */
  nowMs(): Promise<number>;
  /** Skips `ms` of time; timers that are due meanwhile fire. */
  advance(ms: number): Promise<void>;
  /** Skips time until an instant (ms); does nothing if it is past. */
  advanceTo(ms: number): Promise<void>;
  /** Makes PostgreSQL refuse connections until the returned function is called. */
  takeDatabaseAway(): Promise<() => Promise<void>>;
  /**
   * Locks the audit trail until it is released. A workflow that writes an event meanwhile does not take its next messages
   * until then, and takes them all at once.
   */
  holdAuditTrail(): Promise<{ untilWaitedFor(): Promise<void>; release(): Promise<void> }>;
  stop(): Promise<void>;
}

/** Starts an environment for one test file and stops it after the file's tests. `policy`: as in a policy file. */
export async function useTimeSkippingEnvironment(
  options: { policy?: Record<string, unknown> } = {},
): Promise<TimeSkippingEnvironment> {
  const env = await startTimeSkippingEnvironment(options);
  afterAll(() => env.stop());
  return env;
}

/** Far longer than any workflow task or activity of these tests takes, also on a busy machine. */
const lockTimeoutMs = 15_000;

/**
 * Waits for a skip of time. The server locks its time for each task; on a busy machine it sometimes keeps that of a task that
 * is over, and time would run as fast as the clock on the wall from then on.
 */
async function releasingLeakedLocks(skip: Promise<void>, unlock: () => Promise<unknown>): Promise<void> {
  const done = skip.then(() => true);
  while (!(await Promise.race([done, sleep(lockTimeoutMs, false, { ref: false })]))) await unlock();
}

async function startTimeSkippingEnvironment({
  policy = {},
}: {
  policy?: Record<string, unknown>;
} = {}): Promise<TimeSkippingEnvironment> {
  silenceLogs();
  const converter = dataConverterFor(payloadSettings().CLAVE_PAYLOAD_KEY);
  const [temporal, database] = await Promise.all([
    TestWorkflowEnvironment.createTimeSkipping({
      client: converter,
      server: { executable: { type: 'existing-path', path: sharedServers().testServer } },
    }),
    createTestDatabase(),
  ]);
  await temporal.connection.operatorService.addSearchAttributes({
    namespace: 'default',
    searchAttributes: indexedValueTypesOf(searchAttributes),
  });
  const db = openDatabase(database.appUrl);
  const ring = new KeyRing([{ id: 'k1', bytes: randomBytes(32) }]);
  const sms = new FakeSmsSender();
  const workerParts = {
    connection: temporal.nativeConnection,
    namespace: 'default',
    db,
    ring,
    sms,
    policy: policyWith(policy),
    log: createLog('test', 'silent'),
    ...converter,
  };
  const workflowBundle = { code: readFileSync(sharedServers().bundleFile, 'utf8') };
  const workers = [
    await createCitizenWorker(workerParts, { workflowBundle }),
    await createSmsWorker(workerParts),
  ];
  const running = Promise.all(workers.map((worker) => worker.run()));
  const nowMs = () => temporal.currentTimeMs();
  const { testService } = temporal.connection as TestWorkflowEnvironment['connection'] & {
    readonly testService: { unlockTimeSkipping(request: object): Promise<unknown> };
  };
  const advance = (ms: number) =>
    releasingLeakedLocks(temporal.sleep(ms), () => testService.unlockTimeSkipping({}));
  const context = { client: temporal.client, db, ring, sms, policy: policyWith(policy), nowMs };
  return {
    ...context,
    temporal,
    database,
    context,
    advance,
    async advanceTo(ms) {
      const left = ms - (await nowMs());
      if (left > 0) await advance(left);
    },
    takeDatabaseAway: () => database.takeAway(),
    async holdAuditTrail() {
      const owner = new Client({ connectionString: database.ownerUrl });
      await owner.connect();
      await owner.query('BEGIN; LOCK TABLE "AuditEvent" IN ACCESS EXCLUSIVE MODE');
      // Not the transaction of an SMS that was just sent: no message waits for that.
      const waiting = `SELECT 1 FROM pg_locks AS wanted
        WHERE NOT granted AND relation = '"AuditEvent"'::regclass AND NOT EXISTS
          (SELECT 1 FROM pg_locks AS held WHERE held.pid = wanted.pid AND held.granted AND held.relation = '"Text"'::regclass)`;
      return {
        async untilWaitedFor() {
          while ((await owner.query(waiting)).rows.length === 0) await sleep(5);
        },
        release: () => owner.end(),
      };
    },
    async stop() {
      for (const worker of workers) worker.shutdown();
      await running;
      await temporal.teardown();
      await db.close();
      await database.drop();
    },
  };
}
