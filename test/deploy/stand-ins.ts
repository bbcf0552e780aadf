import type { settingNames } from '../../platform/config.ts';

/** What a Secret would hold, for settings that are only read. */
export const standIns: Readonly<Record<string, string>> = {
  DATABASE_URL: 'postgresql://clave_app@postgres/clave',
  DATABASE_OWNER_URL: 'postgresql://clave_owner@postgres/clave',
  CLAVE_SECRET_KEY: `k1:${Buffer.alloc(32).toString('base64')}`,
  TWILIO_ACCOUNT_SID: `AC${'0'.repeat(32)}`,
  TWILIO_AUTH_TOKEN: 'token',
  TWILIO_FROM: 'Clave',
  OFFICE_API_KEY: 'o'.repeat(24),
  FRONT_END_KEY: 'f'.repeat(24),
  GATEWAY_DATABASE_URL: 'postgresql://clave_gateway@postgres/clave',
  GATEWAY_KEY: 'g'.repeat(24),
  GATEWAY_SECRET_KEY: `g1:${Buffer.alloc(32).toString('base64')}`,
  CERTIFICATE_KEY: 't'.repeat(24),
  CLAVE_SUBJECT_KEY: Buffer.alloc(32).toString('base64'),
  PORTAL_COOKIE_KEY: `c1:${Buffer.alloc(32).toString('base64')}`,
  METRICS_KEY: 'm'.repeat(24),
};

/** Files that a Secret or a ConfigMap would mount. */
export const withFilesThatThereAre = (environment: Readonly<Record<string, string | undefined>>) =>
  Object.fromEntries(
    Object.entries(environment).map(([name, value]) => [
      name,
      value?.startsWith('/etc/clave') ? 'package.json' : value,
    ]),
  );

const kinds: Readonly<Record<string, keyof typeof settingNames>> = {
  ...{ portal: 'portal', gateway: 'gateway', certificates: 'certificates', migration: 'migrate' },
};

/** Whose settings a container reads. */
export const kindOf = (container: string): keyof typeof settingNames => kinds[container] ?? 'service';
