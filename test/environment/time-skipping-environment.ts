import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
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
import { hushTemporal } from './silence-logs.ts';
import { createTestDatabase, parts, policyWith, type TestDatabase } from './test-database.ts';

/** The workflows and real activities on a PostgreSQL of their own, and on a Temporal whose time is ours to move. */
export interface TimeSkippingEnvironment {
  readonly env: TestWorkflowEnvironment;
  readonly db: Database;
  readonly database: TestDatabase;
  readonly ring: KeyRing;
  readonly sms: FakeSmsSender;
  readonly policy: Policy;
  /** Where a `CitizenDriver` lives. */
  readonly context: WorkflowTestContext;
  /** What the workflows take for now. */
  nowMs(): Promise<number>;
  /** Lets time pass, and everything happen that happens meanwhile. */
  pass(ms: number): Promise<void>;
  /** Until that instant: nothing if it is past. */
  passUntil(ms: number): Promise<void>;
  /** PostgreSQL lets nobody in any more, until the function that is returned is called. */
  takeDatabaseAway(): Promise<() => Promise<void>>;
  /**
   * Nothing is written to the audit trail until it is released. A workflow that writes one event meanwhile has its next
   * messages waiting, and gets them all at once.
   */
  holdAuditTrail(): Promise<{ untilWaitedFor(): Promise<void>; release(): Promise<void> }>;
  stop(): Promise<void>;
}

/** Starts it. `policy`: what a policy file would say. */
export async function startTimeSkippingEnvironment({
  policy = {},
}: {
  policy?: Record<string, unknown>;
} = {}): Promise<TimeSkippingEnvironment> {
  hushTemporal();
  const converter = dataConverterFor(payloadSettings().CLAVE_PAYLOAD_KEY);
  const [env, database] = await Promise.all([
    TestWorkflowEnvironment.createTimeSkipping({
      client: converter,
      server: { executable: { type: 'existing-path', path: parts().testServer } },
    }),
    createTestDatabase(),
  ]);
  await env.connection.operatorService.addSearchAttributes({
    namespace: 'default',
    searchAttributes: indexedValueTypesOf(searchAttributes),
  });
  const db = openDatabase(database.appUrl);
  const ring = new KeyRing([{ id: 'k1', bytes: randomBytes(32) }]);
  const sms = new FakeSmsSender();
  const workerParts = {
    connection: env.nativeConnection,
    namespace: 'default',
    ...{ db, ring, sms },
    policy: policyWith(policy),
    log: createLog('test', 'silent'),
    ...converter,
  };
  const workflowBundle = { code: readFileSync(parts().bundleFile, 'utf8') };
  const workers = [
    await createCitizenWorker(workerParts, { workflowBundle }),
    await createSmsWorker(workerParts),
  ];
  const running = Promise.all(workers.map((worker) => worker.run()));
  const nowMs = () => env.currentTimeMs();
  const things = { db, ring, sms, policy: policyWith(policy), nowMs };
  return {
    ...{ env, database, ...things },
    context: { client: env.client, ...things },
    pass: (ms) => env.sleep(ms),
    async passUntil(ms) {
      const left = ms - (await nowMs());
      if (left > 0) await env.sleep(left);
    },
    takeDatabaseAway: () => database.takeAway(),
    async holdAuditTrail() {
      const owner = new Client({ connectionString: database.ownerUrl });
      await owner.connect();
      await owner.query('BEGIN; LOCK TABLE "AuditEvent" IN ACCESS EXCLUSIVE MODE');
      // Not one that has just texted: nobody waits for that.
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
      await env.teardown();
      await db.close();
      await database.drop();
    },
  };
}
