import { createPrivateKey, KeyObject } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type DemoPki, makeDemoPki } from './demo-pki.ts';

/** Raised when cards or their form change: a folder of an earlier one is made anew. */
const version = 1;
/** The certificate of the servers lives for a year. */
const longestAgeMs = 300 * 86_400_000;

/**
 * The demo PKI of a folder, made at the first call and anew before anything of it but the expired card expires. Certificates
 * that were imported into a browser stay good in between.
 * @throws Error if the folder cannot be read or written, or its file is damaged
 */
export async function ensureDemoPki(folder: string, now = new Date()): Promise<DemoPki> {
  const file = path.join(folder, 'pki.json');
  const stored = read(file);
  if (stored && now.getTime() - stored.madeAt.getTime() < longestAgeMs) return stored;
  const pki = makeDemoPki(now);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const unfinished = `${file}.${process.pid}`;
  writeFileSync(unfinished, serializePki(pki), { mode: 0o600 });
  renameSync(unfinished, file);
  return pki;
}

function read(file: string): DemoPki | undefined {
  try {
    return parsePki(readFileSync(file, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new Error(`${file} cannot be read: delete it, and it is made anew`, { cause: error });
  }
}

/** The PKI as JSON: keys, octets and instants as objects with one tagged member. */
export const serializePki = (pki: DemoPki): string =>
  JSON.stringify({ version, pki }, function (this: Record<string, unknown>, key, value) {
    const raw = this[key];
    if (raw instanceof KeyObject) return { $key: raw.export({ type: 'pkcs8', format: 'pem' }) };
    if (Buffer.isBuffer(raw)) return { $bytes: raw.toString('base64') };
    if (raw instanceof Date) return { $instant: raw.toISOString() };
    return value;
  });

/** Reads what `serializePki` wrote. @returns undefined for another version. @throws Error on anything else */
export function parsePki(text: string): DemoPki | undefined {
  const stored = JSON.parse(text, (_key, value) => {
    if (typeof value?.$key === 'string') return createPrivateKey(value.$key);
    if (typeof value?.$bytes === 'string') return Buffer.from(value.$bytes, 'base64');
    return typeof value?.$instant === 'string' ? new Date(value.$instant) : value;
  });
  return stored.version === version ? stored.pki : undefined;
}
