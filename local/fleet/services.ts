import type { LocalSettings } from '../../platform/config.ts';
import type { DataFolder } from '../launcher/data-folder.ts';
import { writePrivateJson } from '../launcher/private-file.ts';
import type { Secrets } from '../launcher/secrets-file.ts';
import { type Environment, isCodecNeeded, type Ports, setVariables } from '../launcher/settings.ts';
import { LocalServerError } from '../servers/local-server-error.ts';
import { LOOPBACK } from '../servers/ports.ts';
import { waitUntilReady } from '../servers/wait-until-ready.ts';
import { type DemoCertificates, prepareCertificates, startCertificates } from './certificate-services.ts';
import type { Fleet } from './fleet.ts';
import { startDemo, startGateway } from './gateway-services.ts';

/** The settings, secrets, ports and processes of one launch. `say` prints one line. */
export interface LaunchContext {
  /** Whether the phone reports to the API how each SMS fares, as Twilio does. Default: true. */
  readonly deliveryReports?: boolean;
  /** Whether the pages are started too. Default: true. */
  readonly pages?: boolean;
  /** Whether the gateway and the demo administration are started too. Default: true. */
  readonly gateway?: boolean;
  /** Whether the certificate listener and the card reader are started too. Default: true. */
  readonly certificates?: boolean;
  readonly env: Environment;
  readonly settings: LocalSettings;
  readonly ports: Ports;
  readonly secrets: Secrets;
  readonly folder: DataFolder;
  readonly fleet: Pick<Fleet, 'startPostgres' | 'startTemporal' | 'startNode' | 'runToExit'>;
  readonly say: (line: string) => void;
}

const portVariables = (ports: Ports): Environment =>
  Object.fromEntries(Object.entries(ports).map(([name, port]) => [name, String(port)]));

async function timed<Result>(
  what: string,
  done: string,
  say: LaunchContext['say'],
  work: Promise<Result>,
): Promise<Result> {
  const start = Date.now();
  const seconds = () => `${((Date.now() - start) / 1000).toFixed(1)} s`;
  const beat = setInterval(() => say(`  … ${what}: not yet (${seconds()})`), 5_000);
  try {
    const result = await work;
    say(`${what} ${done} (${seconds()})`);
    return result;
  } finally {
    clearInterval(beat);
  }
}

async function startDatabase({ env, settings, ports, fleet, say }: LaunchContext): Promise<Environment> {
  if (settings.DATABASE_URL) {
    const url = settings.DATABASE_URL;
    const { DATABASE_OWNER_URL = url, GATEWAY_DATABASE_URL } = env;
    return setVariables({ DATABASE_URL: url, DATABASE_OWNER_URL, GATEWAY_DATABASE_URL });
  }
  const server = await timed('PostgreSQL', 'is up', say, fleet.startPostgres(ports));
  return {
    DATABASE_URL: server.appUrl,
    DATABASE_OWNER_URL: server.ownerUrl,
    GATEWAY_DATABASE_URL: server.gatewayUrl,
  };
}

async function migrate({ env, fleet }: LaunchContext, urls: Environment): Promise<void> {
  const { code, output } = await fleet.runToExit('migration', 'prisma/migrate.ts', { ...env, ...urls });
  if (code !== 0)
    throw new LocalServerError(`The migration of the database failed: ${output.split('\n').at(-1)}`);
}

async function startTemporalServer(launch: LaunchContext): Promise<Environment> {
  const { settings, ports, fleet, say } = launch;
  if (settings.TEMPORAL_ADDRESS) return { TEMPORAL_ADDRESS: settings.TEMPORAL_ADDRESS };
  const codecUrl = isCodecNeeded(settings) ? `http://${LOOPBACK}:${ports.CODEC_PORT}` : undefined;
  const server = await timed('Temporal', 'is up', say, fleet.startTemporal(ports, codecUrl));
  if (codecUrl) await startCodecServer(launch);
  return { TEMPORAL_ADDRESS: server.address };
}

/** The codec server for the Temporal UI on this machine: it gets the key of the payloads, and nothing else. */
async function startCodecServer({ env, ports, fleet }: LaunchContext): Promise<void> {
  const { PATH = '', HOME = '', CLAVE_PAYLOAD_KEY = '', LOG_LEVEL = 'info' } = env;
  const ui = [LOOPBACK, 'localhost'].map((host) => `http://${host}:${ports.TEMPORAL_UI_PORT}`).join();
  const own = { CLAVE_PAYLOAD_KEY, CODEC_PORT: String(ports.CODEC_PORT), CODEC_ORIGINS: ui, LOG_LEVEL };
  await fleet.startNode('codec', 'operations/codec-server.ts', { PATH, HOME, ...own });
}

async function startLocalPhone({
  env,
  settings,
  ports,
  secrets,
  fleet,
  deliveryReports = true,
}: LaunchContext): Promise<Environment> {
  if (settings.TWILIO_ACCOUNT_SID) return {};
  const { TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN } = secrets;
  const { PATH = '', HOME = '' } = env;
  const own = { PATH, HOME, PHONE_PORT: String(ports.PHONE_PORT), TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN };
  await fleet.startNode('phone', 'local/phone/main.ts', own);
  return {
    TWILIO_ACCOUNT_SID,
    TWILIO_AUTH_TOKEN,
    TWILIO_FROM: env.TWILIO_FROM ?? 'Clave',
    TWILIO_BASE_URL: `http://${LOOPBACK}:${ports.PHONE_PORT}`,
    ...(deliveryReports && {
      TWILIO_STATUS_CALLBACK_URL:
        env.TWILIO_STATUS_CALLBACK_URL ?? `http://${LOOPBACK}:${ports.PORT}/twilio/status`,
    }),
  };
}

/** Writes the settings in force to a file, for processes that are started by hand beside these. @returns them */
function writeEnvironmentFile(
  { env, ports, secrets, folder }: LaunchContext,
  urls: Environment,
  others: Environment,
): Environment {
  const all = { ...secrets, ...env };
  const { CLAVE_SECRET_KEY, OFFICE_API_KEY, FRONT_END_KEY, PORTAL_COOKIE_KEY } = all;
  const { GATEWAY_KEY, GATEWAY_SECRET_KEY, CLAVE_SUBJECT_KEY, CERTIFICATE_KEY } = all;
  const { CLAVE_PAYLOAD_KEY } = env;
  const keys = {
    CLAVE_SECRET_KEY,
    OFFICE_API_KEY,
    FRONT_END_KEY,
    PORTAL_COOKIE_KEY,
    GATEWAY_KEY,
    GATEWAY_SECRET_KEY,
    CLAVE_SUBJECT_KEY,
    CERTIFICATE_KEY,
    ...(CLAVE_PAYLOAD_KEY && { CLAVE_PAYLOAD_KEY }),
  };
  const settings: Environment = {
    ...portVariables(ports),
    ...urls,
    ...others,
    ...keys,
    CLAVE_DATA_DIR: folder.path,
    // Whoever runs this on their own machine shows nothing to its network, unless they say so.
    LISTEN_HOST: env.LISTEN_HOST ?? LOOPBACK,
    API_URL: `http://${LOOPBACK}:${ports.PORT}`,
    PORTAL_URL: env.PORTAL_URL ?? `http://localhost:${ports.PORTAL_PORT}`,
    GATEWAY_URL: env.GATEWAY_URL ?? `http://localhost:${ports.GATEWAY_PORT}`,
    GATEWAY_INTERNAL_URL: `http://${LOOPBACK}:${ports.GATEWAY_PORT}`,
  };
  writePrivateJson(folder.environment, settings);
  return settings;
}

/** The citizens' pages: they get the API's address and their keys, and no setting of the services behind it. */
async function startPortal(
  { env, ports, fleet, folder }: LaunchContext,
  { FRONT_END_KEY = '', PORTAL_COOKIE_KEY = '', LISTEN_HOST = LOOPBACK, GATEWAY_URL = '' }: Environment,
  stop: AbortSignal,
): Promise<void> {
  const own = ['PATH', 'HOME', 'LOG_LEVEL', 'TRUST_PROXY', 'PORTAL_CONTACT_EMAIL', 'PORTAL_CONTACT_PHONE'];
  const given = Object.fromEntries(
    Object.entries(env).filter(([name]) => own.includes(name) || name.startsWith('OTEL_')),
  );
  const API_URL = `http://${LOOPBACK}:${ports.PORT}`;
  const PORTAL_PORT = String(ports.PORTAL_PORT);
  const keys = { FRONT_END_KEY, PORTAL_COOKIE_KEY };
  const places = { API_URL, PORTAL_PORT, LISTEN_HOST, GATEWAY_URL };
  await fleet.startNode('portal', 'portal/main.ts', { ...given, ...keys, ...places });
  if (!(await waitUntilReady(`http://${LOOPBACK}:${PORTAL_PORT}/healthz`, 60_000, stop)) && !stop.aborted)
    throw new LocalServerError(`The pages did not get ready within a minute; logs: ${folder.logs}`);
}

/** The settings in force once PostgreSQL, Temporal and the phone run, by the processes that need them. */
export interface ServiceEnvironments {
  /** What worker, API and a process beside them share. */
  readonly shared: Environment;
  readonly api: Environment;
  readonly portal: Environment;
  /** All, for the launcher itself and what it starts with a few of them. */
  readonly inForce: Environment;
  readonly ownerUrl: string;
  readonly temporalAddress: string;
  readonly certificates: DemoCertificates | undefined;
}

/** Starts PostgreSQL with its schema, Temporal and the phone, all at once. @throws LocalServerError with one line. */
export async function startDependencies(launch: LaunchContext): Promise<ServiceEnvironments> {
  const prepared = startDatabase(launch).then(async (urls) => {
    await timed('The database', 'is up to date', launch.say, migrate(launch, urls));
    return urls;
  });
  const [urls, temporalSettings, twilio, certificates] = await Promise.all([
    prepared,
    startTemporalServer(launch),
    startLocalPhone(launch),
    prepareCertificates(launch),
  ]);
  const settings = writeEnvironmentFile(launch, urls, {
    ...temporalSettings,
    ...twilio,
    ...certificates?.settings,
  });
  const all = { ...launch.env, ...settings };
  // The owner's rights are for migrations only, and the keys of the API's callers for the API only. The worker has the
  // gateway's logout notices delivered.
  const { DATABASE_OWNER_URL, OFFICE_API_KEY, FRONT_END_KEY, PORTAL_COOKIE_KEY, METRICS_KEY, ...others } =
    all;
  const { GATEWAY_DATABASE_URL, GATEWAY_SECRET_KEY, CLAVE_SUBJECT_KEY, CERTIFICATE_KEY, ...shared } = others;
  const keys = { OFFICE_API_KEY, FRONT_END_KEY, METRICS_KEY, CLAVE_SUBJECT_KEY, CERTIFICATE_KEY };
  return {
    shared,
    api: { ...shared, ...setVariables(keys) },
    portal: setVariables({
      ...{ FRONT_END_KEY, PORTAL_COOKIE_KEY },
      ...{ LISTEN_HOST: shared['LISTEN_HOST'], GATEWAY_URL: shared['GATEWAY_URL'] },
    }),
    inForce: settings,
    ownerUrl: DATABASE_OWNER_URL ?? '',
    temporalAddress: settings.TEMPORAL_ADDRESS ?? '',
    certificates,
  };
}

/**
 * Starts everything: what does not depend on each other at once, then the worker and the API, then the pages and the gateway.
 * @returns once all say that they are ready. @throws LocalServerError with one line.
 */
export async function startProcesses(launch: LaunchContext, stop: AbortSignal): Promise<ServiceEnvironments> {
  const { ports, fleet, say, pages = true, gateway = true, certificates: withCertificates = true } = launch;
  const environments = await startDependencies(launch);
  const { shared, api, portal, inForce, certificates } = environments;
  const ready = async () => {
    await Promise.all([
      fleet.startNode('worker', 'worker/main.ts', shared),
      fleet.startNode('api', 'api/main.ts', api),
    ]);
    if (!(await waitUntilReady(`http://${LOOPBACK}:${ports.PORT}/readyz`, 120_000, stop)) && !stop.aborted)
      throw new LocalServerError(`The API did not get ready within two minutes; logs: ${launch.folder.logs}`);
  };
  await timed('The worker and the API', 'are up', say, ready());
  const fronts: Promise<void>[] = [];
  if (pages && !stop.aborted)
    fronts.push(timed('The pages', 'are up', say, startPortal(launch, portal, stop)));
  if (gateway && !stop.aborted) {
    const identifying = startGateway(launch, inForce, stop).then(() => startDemo(launch, inForce, stop));
    fronts.push(timed('The gateway', 'is up', say, identifying));
  }
  if (certificates && withCertificates && !stop.aborted)
    fronts.push(
      timed('The certificate listener', 'is up', say, startCertificates(launch, certificates, inForce, stop)),
    );
  await Promise.all(fronts);
  return environments;
}
