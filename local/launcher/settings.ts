import {
  type LocalSettings,
  readGatewaySettings,
  readLocalSettings,
  readPortalSettings,
  readServiceSettings,
  SettingsError,
} from '../../platform/config.ts';
import { LocalServerError } from '../servers/local-server-error.ts';
import { claimPort } from '../servers/ports.ts';

/** Settings that the caller has given. An empty one counts as not given, and is not passed on. */
export type Environment = Readonly<Record<string, string>>;

/** The variables that are set. */
export function setVariables(env: NodeJS.ProcessEnv): Environment {
  return Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => Boolean(entry[1])),
  );
}

/**
 * Checks everything before anything is started: the launcher's settings, and those that the processes will read,
 * with stand-ins for values that are not known yet.
 * @throws SettingsError with one line for each that is wrong.
 */
export function checkSettings(env: Environment): LocalSettings {
  const twilio = { TWILIO_ACCOUNT_SID: `AC${'0'.repeat(32)}`, TWILIO_AUTH_TOKEN: '-' };
  const standIns = {
    DATABASE_URL: 'postgresql://127.0.0.1/clave',
    TEMPORAL_ADDRESS: '127.0.0.1:7233',
    TWILIO_FROM: 'Clave',
    CLAVE_SECRET_KEY: `-:${Buffer.alloc(32).toString('base64')}`,
    ...(env.TWILIO_ACCOUNT_SID ? {} : twilio),
  };
  const portalStandIns = {
    API_URL: 'http://127.0.0.1:3000',
    FRONT_END_KEY: '-'.repeat(24),
    PORTAL_COOKIE_KEY: standIns.CLAVE_SECRET_KEY,
  };
  const gatewayStandIns = {
    GATEWAY_DATABASE_URL: standIns.DATABASE_URL,
    GATEWAY_KEY: '-'.repeat(24),
    GATEWAY_SECRET_KEY: standIns.CLAVE_SECRET_KEY,
  };
  const problems = new Set([
    ...problemsOf(() => readLocalSettings(env)),
    ...problemsOf(() => readServiceSettings({ ...standIns, ...env })),
    ...problemsOf(() => readPortalSettings({ ...portalStandIns, ...env })),
    ...problemsOf(() => readGatewaySettings({ ...gatewayStandIns, ...env })),
  ]);
  if (problems.size > 0) throw new SettingsError([...problems]);
  return readLocalSettings(env);
}

function problemsOf(read: () => unknown): readonly string[] {
  try {
    read();
    return [];
  } catch (error) {
    if (error instanceof SettingsError) return error.lines;
    throw error;
  }
}

/** The ports that this start will use, none of them 0 any more. */
export type Ports = Pick<
  LocalSettings,
  | 'PORT'
  | 'PORTAL_PORT'
  | 'GATEWAY_PORT'
  | 'DEMO_PORT'
  | 'PHONE_PORT'
  | 'CERTIFICATE_PORT'
  | 'OLDER_CARD_PORT'
  | 'CARD_READER_PORT'
  | 'TEMPORAL_PORT'
  | 'TEMPORAL_UI_PORT'
  | 'POSTGRES_PORT'
  | 'WORKER_METRICS_PORT'
  | 'CODEC_PORT'
>;

const WHAT: Readonly<Record<keyof Ports, string>> = {
  PORT: 'the API',
  PORTAL_PORT: 'the pages',
  GATEWAY_PORT: 'the gateway',
  DEMO_PORT: 'the demo administration',
  PHONE_PORT: 'the phone',
  CERTIFICATE_PORT: 'the certificate listener',
  OLDER_CARD_PORT: 'the certificate listener for older cards',
  CARD_READER_PORT: 'the card reader',
  TEMPORAL_PORT: 'Temporal',
  TEMPORAL_UI_PORT: "Temporal's UI",
  POSTGRES_PORT: 'PostgreSQL',
  WORKER_METRICS_PORT: "the worker's metrics",
  CODEC_PORT: "the Temporal UI's codec server",
};

/** The settings that choose a port. */
export const portNames = Object.keys(WHAT) as readonly (keyof Ports)[];

/** Whether the Temporal UI that we start is to show encrypted payloads. */
export const isCodecNeeded = (settings: LocalSettings): boolean =>
  settings.CLAVE_PAYLOAD_KEY !== undefined && !settings.TEMPORAL_ADDRESS;

/** Whether the gateway is started: an external database needs its role to be given. */
export const hasGateway = (settings: LocalSettings): boolean =>
  settings.DATABASE_URL === undefined || settings.GATEWAY_DATABASE_URL !== undefined;

/** Whether the demo administration is started: it is registered in the embedded database only. */
export const hasDemo = (settings: LocalSettings): boolean => settings.DATABASE_URL === undefined;

/**
 * Whether the certificate listener and the simulated card reader are started: with the embedded database only. With another one
 * citizens may be real, and the cards are not.
 */
export const hasCertificates = (settings: LocalSettings, { NODE_ENV }: Environment): boolean =>
  settings.DATABASE_URL === undefined && NODE_ENV !== 'production';

const certificatePorts: readonly (keyof Ports)[] = [
  'CERTIFICATE_PORT',
  'OLDER_CARD_PORT',
  'CARD_READER_PORT',
];

const isNeeded = (name: keyof Ports, settings: LocalSettings): boolean => {
  if (name === 'POSTGRES_PORT') return !settings.DATABASE_URL;
  if (name === 'PHONE_PORT') return !settings.TWILIO_ACCOUNT_SID;
  if (name.startsWith('TEMPORAL_')) return !settings.TEMPORAL_ADDRESS;
  if (name === 'GATEWAY_PORT') return hasGateway(settings);
  if (name === 'DEMO_PORT') return hasDemo(settings);
  if (certificatePorts.includes(name)) return settings.DATABASE_URL === undefined;
  if (name === 'CODEC_PORT') return isCodecNeeded(settings);
  return true;
};

/**
 * Looks at every port that will be needed, before anything is started.
 * @throws SettingsError with one line for each that is taken, or meant for two.
 */
export async function claimPorts(settings: LocalSettings): Promise<Ports> {
  const problems: string[] = [];
  const owners = new Map<number, string>();
  const ports: Record<string, number> = {};
  for (const name of portNames) {
    ports[name] = settings[name];
    if (!isNeeded(name, settings)) continue;
    try {
      const port = await claimPort(settings[name], WHAT[name], name);
      const other = owners.get(port);
      if (other)
        problems.push(`Port ${port} is set for both ${other} and ${name}: give one of them another.`);
      owners.set(port, name);
      ports[name] = port;
    } catch (error) {
      if (!(error instanceof LocalServerError)) throw error;
      problems.push(error.message);
    }
  }
  if (problems.length > 0) throw new SettingsError(problems);
  return ports as Ports;
}
