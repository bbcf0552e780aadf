import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { canEnter, type OsUser } from './os-user.ts';

/** The folder for files that PostgreSQL's own account cannot reach inside the project. */
export const PUBLIC_ROOT = '/var/lib/clave-permanente';

function nearestExisting(path: string): string {
  return existsSync(path) ? realpathSync(path) : nearestExisting(dirname(path));
}

/** Creates a folder that any account may enter and only root may change, if it is missing. @returns its path */
export function ensurePublicFolder(path: string): string {
  mkdirSync(path, { recursive: true });
  chmodSync(path, 0o755);
  return path;
}

/**
 * The folder for the data: `asked`, or, where PostgreSQL's account may not enter it (a clone in root's own home), another
 * that is always the same for the same `asked`.
 */
export function dataDirectory(asked: string, user: OsUser | undefined): string {
  const wanted = resolve(asked);
  // Only the way there counts: the folder itself will be given to that account.
  if (!user || canEnter(user, nearestExisting(dirname(wanted)))) return wanted;
  const hash = createHash('sha256').update(wanted).digest('hex').slice(0, 16);
  ensurePublicFolder(PUBLIC_ROOT);
  return join(ensurePublicFolder(join(PUBLIC_ROOT, hash)), basename(wanted));
}
