import { once } from 'node:events';
import { systemClock } from '../domain/clock.ts';
import { isCommonPassword } from '../domain/permanente/common-passwords.ts';
import { readServiceSettings } from '../platform/config.ts';
import { openDatabase } from '../platform/database.ts';
import { shutDownGracefully } from '../platform/graceful-shutdown.ts';
import { createPasswordHasher } from '../platform/hashing.ts';
import { createLog } from '../platform/log.ts';
import { payloadMode } from '../platform/payload-codec.ts';
import { runProcess } from '../platform/run-process.ts';
import { readSealKey } from '../platform/seal-key.ts';
import { KeyRing } from '../platform/secrets.ts';
import { createSmsSender } from '../platform/sms-sender.ts';
import { createTemporalClient } from '../platform/temporal.ts';
import { startTracing } from '../platform/tracing.ts';
import { createApp } from './app.ts';
import { createCitizenClient } from './citizens/citizen-client.ts';
import { startPasswordBlockOutbox } from './citizens/password-block-outbox.ts';
import { startSuspensionOutbox } from './citizens/suspension-outbox.ts';
import { startLogoutNoticeOutbox } from './gateway/logout-notice-outbox.ts';
import { createApiAdmission } from './http/admission.ts';
import { createHttpServer } from './http/http-server.ts';
import { systemTimer } from './http/refusal-time.ts';
import { createOtpSmsQueue, otpSmsTimeoutMs } from './identification/otp-sms-queue.ts';
import { createPasswordAttempts } from './identification/password-attempts.ts';
import { createMetrics } from './monitoring/metrics.ts';
import { watchReadiness } from './monitoring/readiness.ts';
import { ensureFirstOfficer } from './office/officers.ts';

/** `npm run api`: the process of the HTTP API. */
await runProcess(async () => {
  const settings = readServiceSettings();
  const { policy } = settings;
  const log = createLog('api', settings.LOG_LEVEL);
  const stopTracing = await startTracing('api', settings);
  const db = openDatabase(settings.DATABASE_URL);
  const client = createTemporalClient(settings);
  const ring = new KeyRing(settings.CLAVE_SECRET_KEY);
  const hasher = createPasswordHasher(ring);
  const readiness = watchReadiness(client, db);
  const citizens = createCitizenClient(client, () => readiness.state.worker);
  const passwordBlockOutbox = startPasswordBlockOutbox({ db, citizens });
  const suspensionOutbox = startSuspensionOutbox({ db, citizens });
  const logoutNoticeOutbox = startLogoutNoticeOutbox({ db, client });
  const sms = createSmsSender(settings, { timeoutMs: otpSmsTimeoutMs });
  const otpSmsQueue = createOtpSmsQueue({ db, ring, sms, policy, log });
  const admission = createApiAdmission();
  const metrics = createMetrics({ hasher, db, readiness, admission });
  const app = createApp({
    settings,
    policy,
    clock: systemClock,
    timer: systemTimer,
    db,
    ring,
    sealKey: readSealKey(settings),
    citizens,
    readiness,
    hasher,
    passwordAttempts: createPasswordAttempts({ db, hasher, policy, clock: systemClock }),
    otpSmsQueue,
    passwordBlockOutbox,
    admission,
    suspensionOutbox,
    metrics,
    log,
  });
  if (settings.OFFICE_API_KEY && !(await ensureFirstOfficer(db, settings.OFFICE_API_KEY)))
    log.warn('OFFICE_API_KEY opens nothing: the first officer was revoked');
  if (settings.GATEWAY_KEY && !settings.CLAVE_SUBJECT_KEY)
    log.warn('CLAVE_SUBJECT_KEY is missing: no relying party can be told of an identification');
  // Warms up what is slow the first time: the list of common passwords, argon2 and the pool of connections.
  isCommonPassword('');
  await Promise.all([hasher.hash(''), db.prisma.citizen.findFirst()]);
  const server = createHttpServer(app, { admission }).listen({
    port: settings.PORT,
    host: settings.LISTEN_HOST,
    // Node accepts the whole backlog in one event-loop turn: it is short enough that /healthz answers in between. The
    // clients of further connections retry the SYN.
    backlog: 256,
  });
  await once(server, 'listening');
  log.info({ port: settings.PORT, payloads: payloadMode(settings.CLAVE_PAYLOAD_KEY) }, 'listening');
  return {
    log,
    async stop() {
      readiness.startDraining();
      await shutDownGracefully(server, settings.DRAIN_SECONDS);
      await readiness.stop();
      passwordBlockOutbox.stop();
      suspensionOutbox.stop();
      await Promise.all([citizens.drain(), otpSmsQueue.drain(), logoutNoticeOutbox.stop()]);
      await client.connection.close();
      await db.close();
      await stopTracing();
    },
  };
});
