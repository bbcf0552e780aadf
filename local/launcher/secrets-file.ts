import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import { readPrivateJson, writePrivateJson } from './private-file.ts';

const shape = z.object({
  CLAVE_SECRET_KEY: z.string().min(1),
  OFFICE_API_KEY: z.string().min(1),
  FRONT_END_KEY: z.string().min(1),
  PORTAL_COOKIE_KEY: z.string().min(1),
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
  TWILIO_ACCOUNT_SID: `AC${randomBytes(16).toString('hex')}`,
  TWILIO_AUTH_TOKEN: randomBytes(16).toString('hex'),
});

/**
 * The secrets of this installation, made at the first start and kept in a mode-600 file.
 * @throws LocalServerError if the file is broken: making new ones would void every code and password.
 */
export function openSecrets(keysFolder: string): Secrets {
  const file = join(keysFolder, 'secrets.json');
  // A key of cookies may be made anew: nothing that is kept depends on it.
  const found = readPrivateJson(file, shape.partial({ PORTAL_COOKIE_KEY: true }));
  const made = make();
  const secrets = {
    ...made,
    ...found,
    PORTAL_COOKIE_KEY: found?.PORTAL_COOKIE_KEY ?? made.PORTAL_COOKIE_KEY,
  };
  if (!found?.PORTAL_COOKIE_KEY) writePrivateJson(file, secrets);
  return secrets;
}
