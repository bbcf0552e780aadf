import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { type Policy, policyFrom } from '../domain/policy.ts';
import {
  type CertificateSettings,
  certificateListener,
  certificateSettingNames,
  fixedHostProblems,
  readCertificateSettings,
} from './certificate-settings.ts';
import { type Environment, parseSettings as parse, SettingsError } from './parse-settings.ts';
import {
  address,
  bearerKey,
  drainSeconds,
  file,
  host,
  httpUrl,
  keyRing,
  logLevel,
  origin,
  origins,
  port,
  postgresUrl,
  proxies,
  singleKey,
  tracing,
  workerQueues,
} from './setting-schemas.ts';
import { simulatorProblems } from './simulator-guard.ts';

export { SettingsError } from './parse-settings.ts';
export type { SecretKey, WorkerQueue } from './setting-schemas.ts';

const local = z.object({
  PORT: port(3000),
  PHONE_PORT: port(3001),
  TEMPORAL_PORT: port(7233),
  TEMPORAL_UI_PORT: port(8233),
  POSTGRES_PORT: port(5433),
  WORKER_METRICS_PORT: port(9464),
  PORTAL_PORT: port(3002),
  CLAVE_DATA_DIR: z.string().default('.clave'),
  DATABASE_URL: postgresUrl.optional(),
  DATABASE_OWNER_URL: postgresUrl.optional(),
  TEMPORAL_ADDRESS: address.optional(),
  TWILIO_ACCOUNT_SID: z.string().optional(),
  TWILIO_BASE_URL: httpUrl.optional(),
  TWILIO_STATUS_CALLBACK_URL: httpUrl.optional(),
  CLAVE_SECRET_KEY: keyRing.optional(),
  CLAVE_PAYLOAD_KEY: keyRing.optional(),
  CODEC_PORT: port(8088),
  OFFICE_API_KEY: bearerKey.optional(),
  FRONT_END_KEY: bearerKey.optional(),
  PORTAL_COOKIE_KEY: keyRing.optional(),
  GATEWAY_PORT: port(3004),
  GATEWAY_DATABASE_URL: postgresUrl.optional(),
  GATEWAY_KEY: bearerKey.optional(),
  GATEWAY_SECRET_KEY: keyRing.optional(),
  CLAVE_SUBJECT_KEY: singleKey.optional(),
  DEMO_PORT: port(3005),
  CERTIFICATE_PORT: port(3443),
  OLDER_CARD_PORT: port(3444),
  CARD_READER_PORT: port(3006),
  CERTIFICATE_KEY: bearerKey.optional(),
});

const service = z.object({
  PORT: port(3000),
  LISTEN_HOST: host.optional(),
  WORKER_METRICS_PORT: port(9464),
  WORKER_METRICS_HOST: z.string().default('127.0.0.1'),
  DATABASE_URL: postgresUrl,
  DATABASE_OWNER_URL: postgresUrl.optional(),
  TEMPORAL_ADDRESS: address,
  TEMPORAL_NAMESPACE: z.string().default('default'),
  TEMPORAL_TLS_CA: file.optional(),
  TEMPORAL_TLS_CERT: file.optional(),
  TEMPORAL_TLS_KEY: file.optional(),
  TEMPORAL_API_KEY: z
    .string()
    .regex(/^[\x21-\x7e]+$/, 'must be visible ASCII characters')
    .optional(),
  CLAVE_PAYLOAD_KEY: keyRing.optional(),
  WORKER_QUEUES: workerQueues,
  TWILIO_ACCOUNT_SID: z.string().regex(/^AC[0-9a-fA-F]{32}$/, 'must be AC and 32 hexadecimal digits'),
  TWILIO_AUTH_TOKEN: z.string().min(1),
  TWILIO_FROM: z
    .string()
    .regex(
      /^(\+[1-9]\d{5,14}|MG[0-9a-fA-F]{32}|[A-Za-z0-9 ]{1,11})$/,
      'must be a number, a messaging service or a sender name',
    ),
  TWILIO_BASE_URL: httpUrl.optional(),
  TWILIO_STATUS_CALLBACK_URL: httpUrl.optional(),
  CLAVE_SECRET_KEY: keyRing,
  OFFICE_API_KEY: bearerKey.optional(),
  FRONT_END_KEY: bearerKey.optional(),
  GATEWAY_KEY: bearerKey.optional(),
  GATEWAY_INTERNAL_URL: httpUrl.default('http://127.0.0.1:3004'),
  /** The origins of the front-ends, to which browsers return from the certificate listener; receipts name the first. */
  PORTAL_URL: origin.default('http://localhost:3002'),
  GATEWAY_URL: origin.default('http://localhost:3004'),
  ...certificateListener,
  CERTIFICATE_KEY: bearerKey.optional(),
  CLAVE_SUBJECT_KEY: singleKey.optional(),
  SEAL_CERTIFICATE_FILE: file.optional(),
  SEAL_KEY_FILE: file.optional(),
  METRICS_KEY: bearerKey.optional(),
  CLAVE_POLICY_FILE: z.string().optional(),
  TRUST_PROXY: proxies,
  DRAIN_SECONDS: drainSeconds,
  LOG_LEVEL: logLevel,
  ...tracing,
  CORS_ORIGINS: origins.default([]),
});

const portal = z.object({
  PORTAL_PORT: port(3002),
  LISTEN_HOST: host.optional(),
  API_URL: httpUrl.default('http://127.0.0.1:3000'),
  FRONT_END_KEY: bearerKey,
  PORTAL_COOKIE_KEY: keyRing,
  /** Their own public origin, to which the certificate listener sends browsers back. */
  PORTAL_URL: origin.default('http://localhost:3002'),
  PORTAL_CONTACT_EMAIL: z.email('must be an email address').default('clave@example.org'),
  PORTAL_CONTACT_PHONE: z.string().max(40).default('060'),
  /** The public origin of the gateway, to which a new password leads back. */
  GATEWAY_URL: origin.default('http://localhost:3004'),
  TRUST_PROXY: proxies,
  DRAIN_SECONDS: drainSeconds,
  LOG_LEVEL: logLevel,
  ...tracing,
});

const gateway = z.object({
  GATEWAY_PORT: port(3004),
  /** Its public origin; the issuer is below it. */
  GATEWAY_URL: origin.optional(),
  LISTEN_HOST: host.optional(),
  API_URL: httpUrl.default('http://127.0.0.1:3000'),
  /** The public origin of the citizens' pages, where a password is reset. */
  PORTAL_URL: origin.default('http://localhost:3002'),
  CERTIFICATE_URL: certificateListener.CERTIFICATE_URL,
  GATEWAY_DATABASE_URL: postgresUrl,
  GATEWAY_KEY: bearerKey,
  GATEWAY_SECRET_KEY: keyRing,
  METRICS_KEY: bearerKey.optional(),
  /** Invented identifications, for the tests of relying parties. */
  GATEWAY_SIMULATOR: z.enum(['on', 'off'], 'must be on or off').default('off'),
  TRUST_PROXY: proxies,
  DRAIN_SECONDS: drainSeconds,
  LOG_LEVEL: logLevel,
  ...tracing,
});

const registry = z.object({
  DATABASE_URL: postgresUrl,
  DATABASE_OWNER_URL: postgresUrl.optional(),
  GATEWAY_URL: origin.optional(),
});

/** The owner of the database, and whether relying parties may be on this machine. */
export interface RegistrySettings {
  readonly ownerUrl: string;
  readonly loopbackPermitted: boolean;
}

const codec = z.object({
  CLAVE_PAYLOAD_KEY: keyRing,
  CODEC_PORT: port(8088),
  /** The origins of the Temporal UI. */
  CODEC_ORIGINS: origins.default(['http://127.0.0.1:8233', 'http://localhost:8233']),
  LOG_LEVEL: logLevel,
});

/** The settings that each kind of process reads. Manifests are checked against them. */
export const settingNames: Readonly<
  Record<'service' | 'portal' | 'gateway' | 'certificates' | 'migrate', ReadonlySet<string>>
> = {
  service: new Set(Object.keys(service.shape)),
  portal: new Set(Object.keys(portal.shape)),
  gateway: new Set(Object.keys(gateway.shape)),
  certificates: certificateSettingNames,
  /** Compose gives it the settings of a service; it reads a few of them. */
  migrate: new Set([...Object.keys(service.shape), 'GATEWAY_DATABASE_URL']),
};
/** The collector's URL, its headers and the sampled fraction. */
export type TracingSettings = Pick<z.infer<typeof service>, keyof typeof tracing>;

/** Settings of `npm start`. Without DATABASE_URL or TEMPORAL_ADDRESS it starts an embedded server. */
export type LocalSettings = z.infer<typeof local>;

/** Settings of API, worker, migration and operators' commands. */
export type ServiceSettings = z.infer<typeof service> & { readonly policy: Policy };

/** Settings of the citizens' pages: the API's URL and a key for it, a key for cookies, but no database and no Temporal. */
export type PortalSettings = z.infer<typeof portal>;

/** Settings of the gateway: the API's URL and a key for it, a database role that sees no citizen, keys of its own. */
export type GatewaySettings = z.infer<typeof gateway> & { readonly GATEWAY_URL: string };

/** Reads the settings of the codec server. @throws SettingsError */
export const readCodecSettings = (env: Environment = settingsEnvironment()): z.infer<typeof codec> =>
  parse(codec, env);

/** Reads CLAVE_PAYLOAD_KEY only. @throws SettingsError */
export const readPayloadKeys = (env: Environment) =>
  parse(z.object({ CLAVE_PAYLOAD_KEY: keyRing.optional() }), env).CLAVE_PAYLOAD_KEY;

/**
 * The environment of a process started by hand. Without DATABASE_URL it is completed by that of the running `npm start`
 * (`environment.json` in the data folder), over which given variables prevail.
 */
export function settingsEnvironment(env: Environment = process.env): Environment {
  if (env['DATABASE_URL']) return env;
  const file = path.join(env['CLAVE_DATA_DIR'] || '.clave', 'environment.json');
  if (!existsSync(file)) return env;
  const given = Object.entries(env).filter(([, value]) => value);
  return { ...(JSON.parse(readFileSync(file, 'utf8')) as Environment), ...Object.fromEntries(given) };
}

/** Reads the settings of `npm start`. @throws SettingsError */
export function readLocalSettings(env: Environment = process.env): LocalSettings {
  const settings = parse(local, env);
  if (settings.DATABASE_URL && !settings.CLAVE_SECRET_KEY)
    throw new SettingsError(['CLAVE_SECRET_KEY: is required with an external DATABASE_URL']);
  if (settings.GATEWAY_DATABASE_URL && !settings.CLAVE_SUBJECT_KEY)
    throw new SettingsError(['CLAVE_SUBJECT_KEY: is required with an external GATEWAY_DATABASE_URL']);
  const { DATABASE_URL, GATEWAY_DATABASE_URL } = settings;
  const { GATEWAY_SIMULATOR } = env;
  const problems = simulatorProblems({ GATEWAY_SIMULATOR, named: { DATABASE_URL, GATEWAY_DATABASE_URL } });
  if (problems.length > 0) throw new SettingsError(problems);
  return settings;
}

/** Reads the settings of a process and its policy file. @throws SettingsError */
export function readServiceSettings(env: Environment = settingsEnvironment()): ServiceSettings {
  const settings = parse(service, env);
  if (!settings.TEMPORAL_TLS_CERT !== !settings.TEMPORAL_TLS_KEY)
    throw new SettingsError([
      'TEMPORAL_TLS_CERT: goes with TEMPORAL_TLS_KEY, one is no use without the other',
    ]);
  const problems = fixedHostProblems(settings);
  if (problems.length > 0) throw new SettingsError(problems);
  return { ...settings, policy: readPolicy(settings.CLAVE_POLICY_FILE) };
}

/** Reads the settings of the citizens' pages. @throws SettingsError */
export function readPortalSettings(env: Environment = process.env): PortalSettings {
  return parse(portal, env['API_URL'] ? env : settingsEnvironment(env));
}

/** Reads the settings of the gateway. @throws SettingsError */
export function readGatewaySettings(env: Environment = process.env): GatewaySettings {
  const settings = parse(gateway, env['GATEWAY_DATABASE_URL'] ? env : settingsEnvironment(env));
  const { GATEWAY_URL = `http://localhost:${settings.GATEWAY_PORT}` } = settings;
  const named = { DATABASE_URL: env['DATABASE_URL'] };
  const problems = simulatorProblems({ ...settings, GATEWAY_URL, named });
  if (problems.length > 0) throw new SettingsError(problems);
  return { ...settings, GATEWAY_URL };
}

/** Reads the settings of the certificate listener. @throws SettingsError */
export const readListenerSettings = (env: Environment = process.env): CertificateSettings =>
  readCertificateSettings(env['CERTIFICATE_KEY'] ? env : settingsEnvironment(env));

/**
 * Reads what `npm run relying-party` needs. The address of the gateway decides which addresses parties may have: it goes with a
 * database that is named, and is known for that of the data folder. @throws SettingsError
 */
export function readRegistrySettings(env: Environment = process.env): RegistrySettings {
  const named = ['DATABASE_URL', 'DATABASE_OWNER_URL'].find((name) => env[name]);
  if (named && !env['GATEWAY_URL']) throw new SettingsError([`GATEWAY_URL: is required with a ${named}`]);
  const settings = parse(registry, settingsEnvironment(env));
  return {
    ownerUrl: settings.DATABASE_OWNER_URL ?? settings.DATABASE_URL,
    loopbackPermitted: settings.GATEWAY_URL?.startsWith('http:') ?? false,
  };
}

/** The default policy, overridden by a policy file. @throws SettingsError with each invalid name or value */
export function readPolicy(file: string | undefined): Policy {
  const result = policyFrom(file === undefined ? {} : readJson(file));
  if ('problems' in result)
    throw new SettingsError(result.problems.map((line) => `CLAVE_POLICY_FILE: ${line}`));
  return result.policy;
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    const why = error instanceof SyntaxError ? 'is not JSON' : 'cannot be read';
    throw new SettingsError([`CLAVE_POLICY_FILE: ${file} ${why}`]);
  }
}
