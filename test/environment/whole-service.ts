import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Client } from '@temporalio/client';
import { NativeConnection, type Worker } from '@temporalio/worker';
import { otpSmsTimeoutMs } from '../../api/identification/otp-sms-queue.ts';
import { ensureFirstOfficer } from '../../api/office/officers.ts';
import { systemClock } from '../../domain/clock.ts';
import type { Policy } from '../../domain/policy.ts';
import { type PhoneServer, startPhone } from '../../local/phone/phone-server.ts';
import { type Database, openDatabase } from '../../platform/database.ts';
import { createLog } from '../../platform/log.ts';
import { dataConverterFor } from '../../platform/payload-codec.ts';
import { KeyRing } from '../../platform/secrets.ts';
import { createSmsSender } from '../../platform/sms-sender.ts';
import { createTemporalClient } from '../../platform/temporal.ts';
import { createCitizenWorker, createSmsWorker } from '../../worker/workers.ts';
import { queryAsOwner } from '../database/rows.ts';
import { startApi } from './api-in-process.ts';
import { startCertificatesInProcess } from './certificates-in-process.ts';
import { startGatewayWorker } from './gateway-worker.ts';
import { type HeldPort, holdPort } from './held-port.ts';
import { payloadEnvironment, payloadSettings } from './payload-key.ts';
import { testSealKey } from './seal-key.ts';
import { sharedServers } from './shared-servers.ts';
import { silenceLogs } from './silence-logs.ts';
import type { ApiOptions, BackendOptions, SecretKeys, Stack, StackOptions } from './stack.ts';
import { createTestDatabase, type TestDatabase } from './test-database.ts';
import { policyWith } from './test-policy.ts';
import { startOwnTemporal, type TestTemporal, takeNamespace } from './test-temporal.ts';

const twilioSettings = {
  TWILIO_ACCOUNT_SID: `AC${'0'.repeat(32)}`,
  TWILIO_AUTH_TOKEN: 'test-token',
  TWILIO_FROM: '+34600000000',
};

/** Where the front-ends and the certificate listeners would be. */
const certificateSettings = {
  PORTAL_URL: 'http://localhost:3002',
  GATEWAY_URL: 'http://localhost:3004',
  CERTIFICATE_URL: 'https://identidad.localhost:3443',
  OLDER_CARD_URL: 'https://identidad.localhost:3444',
  CERTIFICATE_HOSTS: 'fresh' as 'fresh' | 'fixed',
};

/** What an API needs of the rest of the service: everything but the API. */
interface Backend {
  readonly database: TestDatabase;
  readonly temporal: TestTemporal;
  readonly phone: PhoneServer;
  readonly db: Database;
  readonly key: SecretKeys[0];
  readonly client: Client;
  readonly connection: NativeConnection;
  readonly officeKey: string;
  stopWorkers(): Promise<void>;
  startWorkers: Stack['startWorkers'];
  stop(): Promise<void>;
}

const policyFor = (overrides: StackOptions['policy']): Policy =>
  policyWith({
    // All tests come from one address: the limits of an address are for the tests of these limits.
    startsPerIp: { tries: 100_000, per: 'PT1M' },
    requestsPerIp: { tries: 1_000_000, per: 'PT1M' },
    ...overrides,
  });

const logFor = (logTo: StackOptions['logTo']) =>
  logTo ? createLog('test', 'trace', logTo) : createLog('test', 'silent');

const twilioAt = (phone: PhoneServer, apiUrl: string) => ({
  ...twilioSettings,
  TWILIO_BASE_URL: phone.url,
  TWILIO_STATUS_CALLBACK_URL: `${apiUrl}/twilio/status`,
});

/** A service of a test file's own, with everything that it needs. */
export async function startOwnStack(options: StackOptions): Promise<Stack> {
  const port = await holdPort();
  const backend = await startBackend(port, options);
  const stack = await startApiOf(backend, port, options);
  return {
    ...stack,
    async stop() {
      await stack.stop();
      await backend.stop();
    },
  };
}

/** `port`: of the API to which the phone reports. */
async function startBackend(
  port: HeldPort,
  options: BackendOptions & Pick<ApiOptions, 'policy'>,
): Promise<Backend> {
  const { policy, logTo, ownTemporal, temporalFile, payload = payloadSettings() } = options;
  silenceLogs();
  const [database, temporal, phone] = await Promise.all([
    createTestDatabase(),
    ownTemporal || temporalFile ? startOwnTemporal(temporalFile) : takeNamespace(),
    startPhone({
      port: 0,
      accountSid: twilioSettings.TWILIO_ACCOUNT_SID,
      authToken: twilioSettings.TWILIO_AUTH_TOKEN,
    }),
  ]);
  const key: SecretKeys[0] = { id: 'k1', bytes: randomBytes(32) };
  const db = openDatabase(database.appUrl);
  const officeKey = randomBytes(24).toString('hex');
  // Before anything runs that would have to be stopped again; on a busy machine the first connection may come too late.
  await ensureFirstOfficer(db, officeKey).catch(() => ensureFirstOfficer(db, officeKey));
  const connection = await NativeConnection.connect({ address: temporal.address });
  const code = readFileSync(sharedServers().bundleFile, 'utf8');

  let workers: Worker[] = [];
  let running: Promise<unknown> = Promise.resolve();
  const startWorkers: Stack['startWorkers'] = async (
    keys = payload,
    secretKeys = [key],
    smsKeys = secretKeys,
  ) => {
    const dependencies = {
      connection,
      namespace: temporal.namespace,
      db,
      ring: new KeyRing(secretKeys),
      sms: createSmsSender(twilioAt(phone, port.url)),
      policy: policyFor(policy),
      log: logFor(logTo),
      ...dataConverterFor(keys.CLAVE_PAYLOAD_KEY),
    };
    workers = [
      await createCitizenWorker(dependencies, { workflowBundle: { code } }),
      await createSmsWorker({ ...dependencies, ring: new KeyRing(smsKeys) }),
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
    TEMPORAL_ADDRESS: temporal.address,
    TEMPORAL_NAMESPACE: temporal.namespace,
    ...payload,
  });
  return {
    database,
    temporal,
    phone,
    db,
    key,
    client,
    connection,
    officeKey,
    startWorkers,
    stopWorkers,
    async stop() {
      await stopWorkers();
      await connection.close();
      await client.connection.close();
      await db.close();
      await Promise.all([temporal.stop(), phone.stop()]);
      await database.drop();
    },
  };
}

/** Starts an API, and the certificate listener if it is asked for, and waits until the API is ready. Its `stop` ends only these. */
async function startApiOf(
  backend: Backend,
  port: HeldPort,
  {
    policy: overrides,
    clock = systemClock,
    logTo,
    certificates: withCertificates,
    hashing,
    probesEveryMs,
  }: ApiOptions & Pick<BackendOptions, 'logTo'> & { readonly probesEveryMs?: number },
): Promise<Stack> {
  const { database, temporal, phone, db, key, client, connection, officeKey } = backend;
  const policy = policyFor(overrides);
  const ourTwilio = twilioAt(phone, port.url);
  const ring = new KeyRing([key]);
  const frontEndKey = randomBytes(24).toString('hex');
  const gatewayKey = randomBytes(24).toString('hex');
  const certificateKey = randomBytes(24).toString('hex');
  const certificates = withCertificates
    ? await startCertificatesInProcess({ apiUrl: port.url, certificateKey })
    : undefined;
  const dependencies = {
    db,
    ring,
    sealKey: await testSealKey(),
    policy,
    clock,
    log: logFor(logTo),
    sms: createSmsSender(ourTwilio, { timeoutMs: otpSmsTimeoutMs }),
    settings: {
      CORS_ORIGINS: [],
      FRONT_END_KEY: frontEndKey,
      GATEWAY_KEY: gatewayKey,
      ...certificateSettings,
      ...certificates?.settings,
      ...(withCertificates === 'fixed' && { CERTIFICATE_HOSTS: withCertificates }),
      CERTIFICATE_KEY: certificateKey,
      CLAVE_SUBJECT_KEY: randomBytes(32),
      TRUST_PROXY: 0,
      WORKER_METRICS_PORT: 1,
      ...ourTwilio,
    },
  };
  const api = await startApi(port, client, { ...dependencies, hashing, probesEveryMs });

  return {
    url: api.url,
    officeKey,
    frontEndKey,
    gatewayKey,
    certificateKey,
    certificates,
    policy,
    key,
    ring,
    db,
    database,
    temporal,
    client,
    phone,
    readiness: api.readiness,
    hashed: api.hashed,
    startWorkers: backend.startWorkers,
    stopWorkers: backend.stopWorkers,
    startGatewayWorker: (gatewayUrl) =>
      startGatewayWorker({ connection, namespace: temporal.namespace, db, gatewayUrl, gatewayKey }),
    startApi: async (...keys) =>
      startApi(await holdPort(), client, { ...dependencies, hashing, ring: new KeyRing(keys) }),
    environment: {
      ...ourTwilio,
      DATABASE_URL: database.appUrl,
      TEMPORAL_ADDRESS: temporal.address,
      TEMPORAL_NAMESPACE: temporal.namespace,
      CLAVE_SECRET_KEY: `${key.id}:${key.bytes.toString('base64')}`,
      ...payloadEnvironment,
    },
    async stop() {
      await certificates?.stop();
      await api.stop();
    },
  };
}

/**
 * How often (ms) each API of the shared service probes the worker. A probe queries a workflow; at the product's interval of a
 * second the probes of a run take a twentieth of its processor time. No test stops the workers of the shared service.
 */
const probesEveryMs = 3_000;

/** Lives as long as the process: nothing of it is ever stopped. */
let shared: Promise<{ backend: Backend; stack: Stack }> | undefined;

async function startShared(): Promise<{ backend: Backend; stack: Stack }> {
  const port = await holdPort();
  const backend = await startBackend(port, {});
  return { backend, stack: await startApiOf(backend, port, { probesEveryMs }) };
}

/**
 * The service that the files of this Jest worker process share: without what would leave it changed for the next file. With
 * options, an API of the caller's own beside it. Each call forgets what is counted by address: all files come from one.
 */
export async function sharedStack(options: ApiOptions): Promise<Stack> {
  shared ??= startShared();
  const { backend, stack: common } = await shared;
  await queryAsOwner(common, 'TRUNCATE "FailedId", limiter_row');
  const hasOwnApi = Object.keys(options).length > 0;
  const stack = hasOwnApi
    ? await startApiOf(backend, await holdPort(), { ...options, probesEveryMs })
    : common;
  const refuse = () => {
    throw new Error('startStack({ own: true }) gives a service that may be stopped in part');
  };
  return {
    ...stack,
    temporal: { ...stack.temporal, stop: refuse },
    database: { ...stack.database, takeAway: refuse, drop: refuse },
    startWorkers: refuse,
    stopWorkers: refuse,
    async stop() {
      stack.phone.clearFaults();
      if (hasOwnApi) await stack.stop();
    },
  };
}
