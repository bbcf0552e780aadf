import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Client } from '@temporalio/client';
import { NativeConnection, type Worker } from '@temporalio/worker';
import { createApp } from '../../api/app.ts';
import { createCitizenClient } from '../../api/citizens/citizen-client.ts';
import { startPasswordBlockOutbox } from '../../api/citizens/password-block-outbox.ts';
import { admit } from '../../api/http/admission.ts';
import type { ApiDependencies } from '../../api/http/dependencies.ts';
import { createHttpServer } from '../../api/http/http-server.ts';
import { createLimiters } from '../../api/http/rate-limiters.ts';
import { createPasswordAttempts } from '../../api/identification/password-attempts.ts';
import { createMetrics } from '../../api/monitoring/metrics.ts';
import { type Readiness, watchReadiness } from '../../api/monitoring/readiness.ts';
import { ensureFirstOfficer } from '../../api/office/officers.ts';
import { type Clock, systemClock } from '../../domain/clock.ts';
import type { Policy } from '../../domain/policy.ts';
import { type PhoneServer, startPhone } from '../../local/phone/phone-server.ts';
import { startTemporal, type TemporalServer } from '../../local/servers/temporal-server.ts';
import { type Database, openDatabase } from '../../platform/database.ts';
import { createPasswordHasher, type PasswordHasher } from '../../platform/hashing.ts';
import { createLog } from '../../platform/log.ts';
import { dataConverterFor } from '../../platform/payload-codec.ts';
import { KeyRing } from '../../platform/secrets.ts';
import { createSmsSender } from '../../platform/sms-sender.ts';
import { createTemporalClient } from '../../platform/temporal.ts';
import { createCitizenWorker, createSmsWorker } from '../../worker/workers.ts';
import { type PayloadSettings, payloadEnvironment, payloadSettings } from './payload-key.ts';
import { hushTemporal } from './silence-logs.ts';
import { createTestDatabase, parts, policyWith, type TestDatabase } from './test-database.ts';

/** The whole service in one process, on a PostgreSQL, a Temporal and a phone of its own. */
export interface Stack {
  readonly url: string;
  readonly officeKey: string;
  readonly frontEndKey: string;
  readonly policy: Policy;
  readonly ring: KeyRing;
  readonly db: Database;
  readonly database: TestDatabase;
  readonly temporal: TemporalServer;
  readonly client: Client;
  readonly phone: PhoneServer;
  readonly readiness: Readiness;
  /** The settings with which another process of ours joins in. */
  readonly environment: Readonly<Record<string, string>>;
  /** How often something has been hashed or compared so far. */
  hashed(): number;
  /** Ends the workers as if they had gone; `startWorkers` brings new ones. */
  stopWorkers(): Promise<void>;
  startWorkers(keys?: PayloadSettings): Promise<void>;
  stop(): Promise<void>;
}

const twilioSettings = {
  TWILIO_ACCOUNT_SID: `AC${'0'.repeat(32)}`,
  TWILIO_AUTH_TOKEN: 'test-token',
  TWILIO_FROM: '+34600000000',
};

/**
 * Starts everything and waits until the API is ready. `policy`: what a policy file would say. `clock`: the API's.
 * `temporalFile`: where Temporal keeps its data, in memory otherwise. `logTo`: gets the log, at its finest level.
 * `payload`: the keys with which payloads are encrypted.
 */
export async function startStack({
  policy: overrides = {},
  clock = systemClock,
  temporalFile,
  logTo,
  payload = payloadSettings(),
}: {
  policy?: Record<string, unknown>;
  clock?: Clock;
  temporalFile?: string;
  logTo?: { write(line: string): void };
  payload?: PayloadSettings;
} = {}): Promise<Stack> {
  hushTemporal();
  const policy = policyWith({
    startsPerIp: { tries: 100_000, per: 'PT1M' },
    requestsPerIp: { tries: 1_000_000, per: 'PT1M' },
    ...overrides,
  });
  const [database, temporal, phone] = await Promise.all([
    createTestDatabase(),
    startTemporal({ port: 0, ...(temporalFile && { dbFile: temporalFile }) }),
    startPhone({
      port: 0,
      accountSid: twilioSettings.TWILIO_ACCOUNT_SID,
      authToken: twilioSettings.TWILIO_AUTH_TOKEN,
    }),
  ]);
  // Listening before there is anything to answer with: the provider is told where to call back.
  let application: RequestListener = (_request, response) => void response.writeHead(503).end();
  const server: Server = createHttpServer((request, response) => application(request, response)).listen(
    0,
    '127.0.0.1',
  );
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const ourTwilio = {
    ...twilioSettings,
    TWILIO_BASE_URL: phone.url,
    TWILIO_STATUS_CALLBACK_URL: `${url}/twilio/status`,
  };
  const log = logTo ? createLog('test', 'trace', logTo) : createLog('test', 'silent');
  const key = { id: 'k1', bytes: randomBytes(32) };
  const ring = new KeyRing([key]);
  const db = openDatabase(database.appUrl);
  const officeKey = randomBytes(24).toString('hex');
  // Before anything runs that would have to be stopped again; on a busy machine the first connection may come too late.
  await ensureFirstOfficer(db, officeKey).catch(() => ensureFirstOfficer(db, officeKey));
  const sms = createSmsSender(ourTwilio);
  const connection = await NativeConnection.connect({ address: temporal.address });
  const code = readFileSync(parts().bundleFile, 'utf8');

  let workers: Worker[] = [];
  let running: Promise<unknown> = Promise.resolve();
  const startWorkers = async (keys = payload) => {
    const workerParts = {
      ...{ connection, namespace: 'default', db, ring, sms, policy, log },
      ...dataConverterFor(keys.CLAVE_PAYLOAD_KEY),
    };
    workers = [
      await createCitizenWorker(workerParts, { workflowBundle: { code } }),
      await createSmsWorker(workerParts),
    ];
    running = Promise.all(workers.map((worker) => worker.run()));
  };
  const stopWorkers = async () => {
    for (const worker of workers) worker.shutdown();
    await running;
    workers = [];
  };
  await startWorkers();

  const client = createTemporalClient({
    ...{ TEMPORAL_ADDRESS: temporal.address, TEMPORAL_NAMESPACE: 'default' },
    ...payload,
  });
  const readiness = watchReadiness(client, db, 200);
  const { hasher, hashed } = counting(createPasswordHasher(ring));
  const frontEndKey = randomBytes(24).toString('hex');
  const citizens = createCitizenClient(client, () => readiness.state.worker);
  const passwordBlockOutbox = startPasswordBlockOutbox({ db, citizens });
  const apiParts: ApiDependencies = {
    ...{ policy, db, ring, hasher, readiness, log, clock, citizens, passwordBlockOutbox },
    settings: {
      ...{ CORS_ORIGINS: [], FRONT_END_KEY: frontEndKey, TRUST_PROXY: 0, WORKER_METRICS_PORT: 1 },
      ...ourTwilio,
    },
    passwordAttempts: createPasswordAttempts({ db, hasher, policy, clock }),
    limiters: createLimiters(db, ring, policy),
    metrics: createMetrics({ hasher, db, readiness }),
  };
  application = admit(createApp(apiParts), apiParts);
  while (!(await fetch(`${url}/readyz`)).ok) await new Promise((resolve) => setTimeout(resolve, 50));

  return {
    ...{
      url,
      officeKey,
      frontEndKey,
      policy,
      ring,
      db,
      database,
      temporal,
      client,
      phone,
      readiness,
      startWorkers,
      stopWorkers,
      hashed,
      environment: {
        ...ourTwilio,
        DATABASE_URL: database.appUrl,
        TEMPORAL_ADDRESS: temporal.address,
        CLAVE_SECRET_KEY: `${key.id}:${key.bytes.toString('base64')}`,
        ...payloadEnvironment,
      },
    },
    async stop() {
      server.closeAllConnections();
      server.close();
      await readiness.stop();
      passwordBlockOutbox.stop();
      await citizens.drain();
      await stopWorkers();
      await connection.close();
      await client.connection.close();
      await db.close();
      await Promise.all([temporal.stop(), phone.stop()]);
      await database.drop();
    },
  };
}

function counting(inner: PasswordHasher): { hasher: PasswordHasher; hashed: () => number } {
  let count = 0;
  const inTurn: PasswordHasher['enqueue'] = (work) => {
    count += 1;
    return inner.enqueue(work);
  };
  const hasher: PasswordHasher = {
    enqueue: inTurn,
    hash: (password) => inTurn(({ hash }) => hash(password)),
    matches: (password, stored) => inTurn(({ matches }) => matches(password, stored)),
    pending: () => inner.pending(),
  };
  return { hasher, hashed: () => count };
}
