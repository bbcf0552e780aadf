import { readFileSync } from 'node:fs';
import { systemClock } from '../domain/clock.ts';
import { type CertificateSettings, isForThisMachine } from '../platform/certificate-settings.ts';
import { readListenerSettings, SettingsError } from '../platform/config.ts';
import { shutDownGracefully } from '../platform/graceful-shutdown.ts';
import { createLog } from '../platform/log.ts';
import { runProcess } from '../platform/run-process.ts';
import { startTracing } from '../platform/tracing.ts';
import { createCertificateApplication } from './app.ts';
import { startListeners } from './listener/start-listeners.ts';
import { createCertificateMetrics } from './monitoring/metrics.ts';
import { fetchBounded } from './revocation/fetch-bounded.ts';
import type { TrustBundle } from './trust/trust-bundle.ts';
import { parseTrustFile } from './trust/trust-file.ts';
import { createVerifier } from './verification/verify-certificate.ts';

/** `npm run certificates`: the certificate listener as a process. */
await runProcess(async () => {
  const settings = readListenerSettings();
  const log = createLog('certificates', settings.LOG_LEVEL);
  const stopTracing = await startTracing('certificates', settings);
  const metrics = createCertificateMetrics();
  const verifier = createVerifier({
    trust: readTrust(settings),
    fetchBounded,
    clock: systemClock,
    answersKeptMs: settings.CERTIFICATE_STATUS_SECONDS * 1_000,
    onAsked: metrics.asked,
  });
  let isLeaving = false;
  const application = createCertificateApplication({
    ...{ settings, log, verifier, metrics, isLeaving: () => isLeaving },
  });
  const { servers, ports } = await startListeners(application, settings, metrics.handshakeFailed);
  log.info(ports, 'listening');
  return {
    log,
    async stop() {
      isLeaving = true;
      await Promise.all(servers.map((server) => shutDownGracefully(server, settings.DRAIN_SECONDS)));
      await stopTracing();
    },
  };
});

/** @throws SettingsError with a line for each defect of the file */
function readTrust(settings: CertificateSettings): TrustBundle {
  const text = readFileSync(settings.CERTIFICATE_TRUST_FILE, 'utf8');
  const read = parseTrustFile(text, { loopbackPermitted: isForThisMachine(settings) });
  if ('problems' in read)
    throw new SettingsError(read.problems.map((line) => `CERTIFICATE_TRUST_FILE: ${line}`));
  return read.bundle;
}
