import { z } from 'zod';
import { type Environment, parseSettings, SettingsError } from './parse-settings.ts';
import {
  bearerKey,
  drainSeconds,
  file,
  host,
  httpsOrigin,
  httpUrl,
  logLevel,
  port,
  proxies,
  tracing,
} from './setting-schemas.ts';

/** Where browsers find the certificate listeners, and whether each visit has a host name of its own: for the API. */
export const certificateListener = {
  CERTIFICATE_URL: httpsOrigin.default('https://identidad.localhost:3443'),
  /** The listener for cards that cannot sign as TLS 1.3 asks. */
  OLDER_CARD_URL: httpsOrigin.default('https://identidad.localhost:3444'),
  CERTIFICATE_HOSTS: z.enum(['fresh', 'fixed'], 'must be fresh or fixed').default('fresh'),
};

const listener = z.object({
  CERTIFICATE_PORT: port(3443),
  OLDER_CARD_PORT: port(3444),
  LISTEN_HOST: host.optional(),
  CERTIFICATE_URL: certificateListener.CERTIFICATE_URL,
  API_URL: httpUrl.default('http://127.0.0.1:3000'),
  CERTIFICATE_KEY: bearerKey,
  CERTIFICATE_TRUST_FILE: file,
  CERTIFICATE_TLS_CERT: file.optional(),
  CERTIFICATE_TLS_KEY: file.optional(),
  /** A proxy in front speaks TLS, and passes the certificate on in a header of this form. */
  CERTIFICATE_HEADER: z.enum(['rfc9440', 'nginx', 'envoy'], 'must be rfc9440, nginx or envoy').optional(),
  CERTIFICATE_HOP_KEY: bearerKey.optional(),
  CERTIFICATE_STATUS_SECONDS: z
    .string()
    .regex(/^\d{1,5}$/, 'must be whole seconds, 0 to 99999')
    .transform(Number)
    .default(0),
  METRICS_KEY: bearerKey.optional(),
  TRUST_PROXY: proxies,
  DRAIN_SECONDS: drainSeconds,
  LOG_LEVEL: logLevel,
  ...tracing,
});

/** The settings that the certificate listener reads. Manifests are checked against them. */
export const certificateSettingNames: ReadonlySet<string> = new Set(Object.keys(listener.shape));

/** Settings of the certificate listener: the API's URL and a key for it, a trust bundle, but no database and no secret key. */
export type CertificateSettings = z.infer<typeof listener>;

/** Reads the settings of the certificate listener. @throws SettingsError */
export function readCertificateSettings(env: Environment): CertificateSettings {
  const settings = parseSettings(listener, env);
  const problems = transportProblems(settings);
  if (problems.length > 0) throw new SettingsError(problems);
  return settings;
}

/** It speaks TLS itself, or a proxy that has the hop key does. */
function transportProblems(settings: CertificateSettings): string[] {
  const { CERTIFICATE_HEADER, CERTIFICATE_HOP_KEY, CERTIFICATE_TLS_CERT, CERTIFICATE_TLS_KEY } = settings;
  if (CERTIFICATE_HEADER)
    return CERTIFICATE_HOP_KEY
      ? []
      : ['CERTIFICATE_HOP_KEY: is required with a CERTIFICATE_HEADER, which anybody could send'];
  return Object.entries({ CERTIFICATE_TLS_CERT, CERTIFICATE_TLS_KEY })
    .filter(([, value]) => value === undefined)
    .map(([name]) => `${name}: is required without a CERTIFICATE_HEADER`);
}

/** Whether the listener is one for this machine only: responders of this machine are asked there, and nowhere else. */
export const isForThisMachine = ({ CERTIFICATE_URL }: { readonly CERTIFICATE_URL: string }): boolean =>
  /(?:^|\.)localhost$/.test(new URL(CERTIFICATE_URL).hostname);

/**
 * Why visits may not share one host name here, a line for each reason. A browser remembers by host that a citizen chose no
 * certificate, or which one: with one name nobody could choose again. Tests of one exact origin need it.
 */
export function fixedHostProblems(settings: {
  readonly CERTIFICATE_HOSTS: string;
  readonly CERTIFICATE_URL: string;
}): string[] {
  if (settings.CERTIFICATE_HOSTS !== 'fixed' || isForThisMachine(settings)) return [];
  return ['CERTIFICATE_HOSTS: fixed is for tests, with a CERTIFICATE_URL below localhost'];
}
