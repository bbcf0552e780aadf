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
import { KeyRing } from '../platform/secrets.ts';
import { createTemporalClient } from '../platform/temporal.ts';
import { startTracing } from '../platform/tracing.ts';
import { createApp } from './app.ts';
import { createCitizenClient } from './citizens/citizen-client.ts';
import { startPasswordBlockOutbox } from './citizens/password-block-outbox.ts';
import { admit } from './http/admission.ts';
import { createHttpServer } from './http/http-server.ts';
import { createLimiters } from './http/rate-limiters.ts';
import { createPasswordAttempts } from './identification/password-attempts.ts';
import { createMetrics } from './monitoring/metrics.ts';
import { watchReadiness } from './monitoring/readiness.ts';
import { ensureFirstOfficer } from './office/officers.ts';

/** `npm run api`: the HTTP API as a process of its own. */
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
  const metrics = createMetrics({ hasher, db, readiness });
  const app = createApp({
    ...{ settings, policy, db, ring, hasher, readiness, log },
    clock: systemClock,
    citizens,
    passwordAttempts: createPasswordAttempts({ db, hasher, policy, clock: systemClock }),
    passwordBlockOutbox,
    limiters: createLimiters(db, ring, policy),
    metrics,
  });
  if (settings.OFFICE_API_KEY && !(await ensureFirstOfficer(db, settings.OFFICE_API_KEY)))
    log.warn('OFFICE_API_KEY opens nothing: the first officer was revoked');
  // What is slow the first time is done before anybody waits for it.
  isCommonPassword('');
  await Promise.all([hasher.hash(''), db.prisma.citizen.findFirst()]);
  const server = createHttpServer(admit(app, { metrics })).listen({
    port: settings.PORT,
    // What is accepted at one go is dealt with before anything else is: few enough, and /healthz answers in between. The
    // kernel has the others knock again.
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
      await citizens.drain();
      await client.connection.close();
      await db.close();
      await stopTracing();
    },
  };
});
