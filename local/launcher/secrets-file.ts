import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import { readPrivateJson, writePrivateJson } from './private-file.ts';

const shape = z.object({
  CLAVE_SECRET_KEY: z.string().min(1),
  OFFICE_API_KEY: z.string().min(1),
  FRONT_END_KEY: z.string().min(1),
  TWILIO_ACCOUNT_SID: z.string().min(1),
  TWILIO_AUTH_TOKEN: z.string().min(1),
});

/** What this installation made for itself, by the names of the settings. The Twilio pair is the local phone's. */
export type Secrets = z.infer<typeof shape>;

const make = (): Secrets => ({
  CLAVE_SECRET_KEY: `k${new Date().getUTCFullYear()}:${randomBytes(32).toString('base64')}`,
  OFFICE_API_KEY: `office_${randomBytes(24).toString('base64url')}`,
  FRONT_END_KEY: `front_${randomBytes(24).toString('base64url')}`,
  TWILIO_ACCOUNT_SID: `AC${randomBytes(16).toString('hex')}`,
  TWILIO_AUTH_TOKEN: randomBytes(16).toString('hex'),
});

/**
 * The secrets of this installation, made at the first start and kept in a mode-600 file.
 * @throws LocalServerError if the file is broken: making new ones would void every code and password.
 */
export function openSecrets(keysFolder: string): Secrets {
  const file = join(keysFolder, 'secrets.json');
  const found = readPrivateJson(file, shape);
  if (found) return found;
  const made = make();
  writePrivateJson(file, made);
  return made;
}
