import { request } from 'node:https';
import { join } from 'node:path';
import { type DemoFiles, writeDemoFiles } from '../card-reader/demo-files.ts';
import type { DemoPki } from '../card-reader/pki/demo-pki.ts';
import { certificatePem } from '../card-reader/pki/issue-certificate.ts';
import { ensureDemoPki } from '../card-reader/pki/stored-pki.ts';
import { type Environment, hasCertificates, setVariables } from '../launcher/settings.ts';
import { LocalServerError } from '../servers/local-server-error.ts';
import { LOOPBACK } from '../servers/ports.ts';
import { waitUntilReady } from '../servers/wait-until-ready.ts';
import type { LaunchContext } from './services.ts';

const readyWithinMs = 60_000;

/** What the listener takes from the environment of whoever starts it, besides what is made for it. */
const givenNames = ['PATH', 'HOME', 'LOG_LEVEL', 'METRICS_KEY', 'CERTIFICATE_STATUS_SECONDS'];

/** The demo PKI of a launch. */
export interface DemoCertificates {
  /** The settings of listener and API. */
  readonly settings: Environment;
  readonly pki: DemoPki;
  readonly files: DemoFiles;
  readonly folder: string;
  /** Of the listener: PEM. */
  readonly authority: string;
}

/**
 * Makes the demo PKI, once for a data folder, and the files that listener and API read of it: the API seals with it, also where
 * no listener is started. Only beside the embedded
 * database: no real citizen is identified by it.
 */
export async function prepareCertificates({
  env,
  settings,
  ports,
  folder,
}: LaunchContext): Promise<DemoCertificates | undefined> {
  if (!hasCertificates(settings, env)) return undefined;
  const { CERTIFICATE_PORT, OLDER_CARD_PORT, CARD_READER_PORT } = ports;
  const pkiFolder = join(folder.path, 'card-reader');
  const pki = await ensureDemoPki(pkiFolder);
  const files = writeDemoFiles(pkiFolder, pki, `http://${LOOPBACK}:${CARD_READER_PORT}`);
  return {
    pki,
    files,
    folder: pkiFolder,
    authority: certificatePem(pki.server.root.certificate),
    settings: setVariables({
      ...files,
      CERTIFICATE_URL: env.CERTIFICATE_URL ?? `https://identidad.localhost:${CERTIFICATE_PORT}`,
      OLDER_CARD_URL: env.OLDER_CARD_URL ?? `https://identidad.localhost:${OLDER_CARD_PORT}`,
      CERTIFICATE_HOSTS: env.CERTIFICATE_HOSTS,
    }),
  };
}

/** Starts the card reader with its responders, and the certificate listener, which gets nothing of the services behind it. */
export async function startCertificates(
  { env, ports, fleet, folder }: LaunchContext,
  demo: DemoCertificates,
  inForce: Environment,
  stop: AbortSignal,
): Promise<void> {
  const { PATH = '', HOME = '' } = env;
  const given = Object.fromEntries(
    Object.entries(env).filter(([name]) => givenNames.includes(name) || name.startsWith('OTEL_')),
  );
  const { CERTIFICATE_URL, CERTIFICATE_TRUST_FILE, CERTIFICATE_TLS_CERT, CERTIFICATE_TLS_KEY } =
    demo.settings;
  const { CERTIFICATE_KEY, API_URL, LISTEN_HOST } = inForce;
  await Promise.all([
    fleet.startNode('card-reader', 'local/card-reader/main.ts', {
      ...{ PATH, HOME, CARD_READER_FOLDER: demo.folder },
      CARD_READER_PORT: String(ports.CARD_READER_PORT),
    }),
    fleet.startNode('certificates', 'certificates/main.ts', {
      ...given,
      ...setVariables({ CERTIFICATE_KEY, API_URL, LISTEN_HOST }),
      ...setVariables({ CERTIFICATE_URL, CERTIFICATE_TRUST_FILE, CERTIFICATE_TLS_CERT, CERTIFICATE_TLS_KEY }),
      CERTIFICATE_PORT: String(ports.CERTIFICATE_PORT),
      OLDER_CARD_PORT: String(ports.OLDER_CARD_PORT),
    }),
  ]);
  const ready = await Promise.all([
    waitUntilReady(`http://${LOOPBACK}:${ports.CARD_READER_PORT}/responders`, readyWithinMs, stop),
    ...[ports.CERTIFICATE_PORT, ports.OLDER_CARD_PORT].map((port) =>
      waitUntilReady(`https://localhost:${port}/readyz`, readyWithinMs, stop, statusOver(demo.authority)),
    ),
  ]);
  if (!ready.every(Boolean) && !stop.aborted)
    throw new LocalServerError(
      `The certificate listener did not get ready within a minute; logs: ${folder.logs}`,
    );
}

/** The status that this machine answers by TLS, under an authority of our own. */
const statusOver =
  (authority: string) =>
  (url: string, signal: AbortSignal): Promise<number | undefined> => {
    const { hostname, port, pathname, host } = new URL(url);
    return new Promise((resolve) => {
      const asked = request(
        {
          ...{ host: LOOPBACK, servername: hostname, port, path: pathname, headers: { Host: host } },
          ...{ ca: authority, agent: false, signal },
        },
        (response) => {
          response.resume();
          resolve(response.statusCode);
        },
      );
      asked.once('error', () => resolve(undefined));
      asked.end();
    });
  };
