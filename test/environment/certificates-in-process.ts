import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createCertificateApplication } from '../../certificates/app.ts';
import { startListeners } from '../../certificates/listener/start-listeners.ts';
import { type CertificateMetrics, createCertificateMetrics } from '../../certificates/monitoring/metrics.ts';
import { fetchBounded } from '../../certificates/revocation/fetch-bounded.ts';
import { parseTrustFile } from '../../certificates/trust/trust-file.ts';
import { createVerifier } from '../../certificates/verification/verify-certificate.ts';
import { systemClock } from '../../domain/clock.ts';
import { startCardReader } from '../../local/card-reader/card-reader-server.ts';
import { writeDemoFiles } from '../../local/card-reader/demo-files.ts';
import type { DemoPki } from '../../local/card-reader/pki/demo-pki.ts';
import { ensureDemoPki } from '../../local/card-reader/pki/stored-pki.ts';
import { demoTrustEntries } from '../../local/card-reader/pki/trust-entries.ts';
import { readCertificateSettings } from '../../platform/certificate-settings.ts';
import { createLog } from '../../platform/log.ts';
import { sharedServers } from './shared-servers.ts';

/** The certificate listener and the card reader in this process, with the run's invented PKI. */
export interface CertificatesInProcess {
  readonly pki: DemoPki;
  readonly cardReaderUrl: string;
  /** What the API is told of where they are. */
  readonly settings: { readonly CERTIFICATE_URL: string; readonly OLDER_CARD_URL: string };
  /** Of the seal of the service. */
  readonly files: ReturnType<typeof writeDemoFiles>;
  readonly metrics: CertificateMetrics;
  /** Every line of the listener's log. */
  readonly log: readonly string[];
  stop(): Promise<void>;
}

/** Starts both beside an API. `env`: further settings of the listener, such as those of a proxy's header. */
export async function startCertificatesInProcess(
  { apiUrl, certificateKey }: { apiUrl: string; certificateKey: string },
  env: Readonly<Record<string, string>> = {},
): Promise<CertificatesInProcess> {
  const folder = mkdtempSync(path.join(tmpdir(), 'clave-certificates-'));
  // Made once for most of a run: it takes half a second, for its RSA keys.
  const pki = await ensureDemoPki(path.join(sharedServers().folder, 'pki'));
  const reader = await startCardReader({ port: 0, pki });
  const files = writeDemoFiles(folder, pki, reader.url);
  const settings = readCertificateSettings({
    ...files,
    ...{ CERTIFICATE_PORT: '0', OLDER_CARD_PORT: '0', LISTEN_HOST: '127.0.0.1' },
    ...{ API_URL: apiUrl, CERTIFICATE_KEY: certificateKey },
    ...env,
  });
  const trust = parseTrustFile(JSON.stringify(demoTrustEntries(pki, reader.url)), {
    loopbackPermitted: true,
  });
  if ('problems' in trust) throw new Error(trust.problems.join('\n'));
  const lines: string[] = [];
  const metrics = createCertificateMetrics();
  const application = createCertificateApplication({
    settings,
    metrics,
    log: createLog('certificates', 'trace', { write: (line) => void lines.push(line) }),
    verifier: createVerifier({
      ...{ trust: trust.bundle, fetchBounded, clock: systemClock, answersKeptMs: 0 },
      onAsked: metrics.asked,
    }),
  });
  const { servers, ports } = await startListeners(application, settings);
  const scheme = settings.CERTIFICATE_HEADER ? 'http' : 'https';
  return {
    ...{ pki, files, metrics, log: lines },
    cardReaderUrl: reader.url,
    settings: {
      CERTIFICATE_URL: `${scheme}://identidad.localhost:${ports.current}`,
      OLDER_CARD_URL: `https://identidad.localhost:${ports.olderCards ?? ports.current}`,
    },
    async stop() {
      for (const server of servers) {
        server.closeAllConnections();
        server.close();
      }
      await reader.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
