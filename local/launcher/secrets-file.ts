import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import { readPrivateJson, writePrivateJson } from './private-file.ts';

const shape = z.object({
  CLAVE_SECRET_KEY: z.string().min(1),
  OFFICE_API_KEY: z.string().min(1),
  FRONT_END_KEY: z.string().min(1),
  PORTAL_COOKIE_KEY: z.string().min(1),
  GATEWAY_KEY: z.string().min(1),
  GATEWAY_SECRET_KEY: z.string().min(1),
  CLAVE_SUBJECT_KEY: z.string().min(1),
  CERTIFICATE_KEY: z.string().min(1),
  TWILIO_ACCOUNT_SID: z.string().min(1),
  TWILIO_AUTH_TOKEN: z.string().min(1),
});

/** What this installation made for itself, by the names of the settings. The Twilio pair is the local phone's. */
export type Secrets = z.infer<typeof shape>;

const make = (): Secrets => ({
  CLAVE_SECRET_KEY: `k${new Date().getUTCFullYear()}:${randomBytes(32).toString('base64')}`,
  OFFICE_API_KEY: `office_${randomBytes(24).toString('base64url')}`,
  FRONT_END_KEY: `front_${randomBytes(24).toString('base64url')}`,
  PORTAL_COOKIE_KEY: `c${new Date().getUTCFullYear()}:${randomBytes(32).toString('base64')}`,
  GATEWAY_KEY: `gateway_${randomBytes(24).toString('base64url')}`,
  GATEWAY_SECRET_KEY: `g${new Date().getUTCFullYear()}:${randomBytes(32).toString('base64')}`,
  CLAVE_SUBJECT_KEY: randomBytes(32).toString('base64'),
  CERTIFICATE_KEY: `certificate_${randomBytes(24).toString('base64url')}`,
  TWILIO_ACCOUNT_SID: `AC${randomBytes(16).toString('hex')}`,
  TWILIO_AUTH_TOKEN: randomBytes(16).toString('hex'),
});

/** What an earlier release did not make: nothing that it kept depends on one of these. */
const lacking = {
  PORTAL_COOKIE_KEY: true,
  GATEWAY_KEY: true,
  GATEWAY_SECRET_KEY: true,
  CLAVE_SUBJECT_KEY: true,
  CERTIFICATE_KEY: true,
} as const;

/**
 * The secrets of this installation, made at the first start and kept in a mode-600 file.
 * @throws LocalServerError if the file is broken: making new ones would void every code and password.
 */
export function openSecrets(keysFolder: string): Secrets {
  const file = join(keysFolder, 'secrets.json');
  const found = readPrivateJson(file, shape.partial(lacking));
  const known = Object.fromEntries(
    Object.entries(found ?? {}).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  const secrets: Secrets = { ...make(), ...known };
  const isWhole = Object.keys(lacking).every((name) => name in known);
  if (!isWhole) writePrivateJson(file, secrets);
  return secrets;
}
