import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { NativeConnection, type Worker } from '@temporalio/worker';
import { otpSmsTimeoutMs } from '../../api/identification/otp-sms-queue.ts';
import { ensureFirstOfficer } from '../../api/office/officers.ts';
import { systemClock } from '../../domain/clock.ts';
import { startPhone } from '../../local/phone/phone-server.ts';
import { openDatabase } from '../../platform/database.ts';
import { createLog } from '../../platform/log.ts';
import { dataConverterFor } from '../../platform/payload-codec.ts';
import { KeyRing } from '../../platform/secrets.ts';
import { createSmsSender } from '../../platform/sms-sender.ts';
import { createTemporalClient } from '../../platform/temporal.ts';
import { createCitizenWorker, createSmsWorker } from '../../worker/workers.ts';
import { queryAsOwner } from '../database/rows.ts';
import { listen, startApi } from './api-in-process.ts';
import { startCertificatesInProcess } from './certificates-in-process.ts';
import { startGatewayWorker } from './gateway-worker.ts';
import { payloadEnvironment, payloadSettings } from './payload-key.ts';
import { testSealKey } from './seal-key.ts';
import { sharedServers } from './shared-servers.ts';
import { silenceLogs } from './silence-logs.ts';
import type { SecretKeys, Stack, StackOptions } from './stack.ts';
import { createTestDatabase } from './test-database.ts';
import { policyWith } from './test-policy.ts';
import { startOwnTemporal, takeNamespace } from './test-temporal.ts';

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

/** Starts everything and waits until the API is ready. */
export async function startOwnStack({
  policy: overrides = {},
  clock = systemClock,
  ownTemporal = false,
  temporalFile,
  logTo,
  payload = payloadSettings(),
  certificates: withCertificates = false,
  hashing,
}: Omit<StackOptions, 'own'>): Promise<Stack> {
  silenceLogs();
  const policy = policyWith({
    // All tests come from one address: the limits of an address are for the tests of these limits.
    startsPerIp: { tries: 100_000, per: 'PT1M' },
    requestsPerIp: { tries: 1_000_000, per: 'PT1M' },
    ...overrides,
  });
  const [database, temporal, phone, listener] = await Promise.all([
    createTestDatabase(),
    ownTemporal || temporalFile ? startOwnTemporal(temporalFile) : takeNamespace(),
    startPhone({
      port: 0,
      accountSid: twilioSettings.TWILIO_ACCOUNT_SID,
      authToken: twilioSettings.TWILIO_AUTH_TOKEN,
    }),
    listen(),
  ]);
  const ourTwilio = {
    ...twilioSettings,
    TWILIO_BASE_URL: phone.url,
    TWILIO_STATUS_CALLBACK_URL: `${listener.url}/twilio/status`,
  };
  const log = logTo ? createLog('test', 'trace', logTo) : createLog('test', 'silent');
  const key: SecretKeys[0] = { id: 'k1', bytes: randomBytes(32) };
  const ring = new KeyRing([key]);
  const db = openDatabase(database.appUrl);
  const officeKey = randomBytes(24).toString('hex');
  // Before anything runs that would have to be stopped again; on a busy machine the first connection may come too late.
  await ensureFirstOfficer(db, officeKey).catch(() => ensureFirstOfficer(db, officeKey));
  const sms = createSmsSender(ourTwilio);
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
      sms,
      policy,
      log,
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
  const frontEndKey = randomBytes(24).toString('hex');
  const gatewayKey = randomBytes(24).toString('hex');
  const certificateKey = randomBytes(24).toString('hex');
  const certificates = withCertificates
    ? await startCertificatesInProcess({ apiUrl: listener.url, certificateKey })
    : undefined;
  const dependencies = {
    db,
    ring,
    sealKey: await testSealKey(),
    policy,
    clock,
    log,
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
  const api = await startApi(listener, client, { ...dependencies, ...(hashing && { hashing }) });

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
    startWorkers,
    stopWorkers,
    startGatewayWorker: (gatewayUrl) =>
      startGatewayWorker({ connection, namespace: temporal.namespace, db, gatewayUrl, gatewayKey }),
    startApi: async (...keys) =>
      startApi(await listen(), client, { ...dependencies, ring: new KeyRing(keys) }),
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
      await stopWorkers();
      await connection.close();
      await client.connection.close();
      await db.close();
      await Promise.all([temporal.stop(), phone.stop()]);
      await database.drop();
    },
  };
}

let shared: Promise<Stack> | undefined;

/**
 * The service that the files of this Jest worker process share: without `stop`, and without what would leave it changed
 * for the next file. What is counted by address begins anew for each file: all of them come from one address.
 */
export async function sharedStack(): Promise<Stack> {
  // Nothing of it is ever stopped, and it lives as long as the process.
  shared ??= startOwnStack({});
  const stack = await shared;
  await queryAsOwner(stack, 'TRUNCATE "FailedId", limiter_row');
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
    },
  };
}
