import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { LocalServerError } from '../local-server-error.ts';

/** The account that PostgreSQL runs as; undefined where we are no root and it is simply ours. */
export interface OsUser {
  readonly uid: number;
  readonly gid: number;
}

function idOf(flag: '-u' | '-g', name: string): number | undefined {
  const { status, stdout } = spawnSync('id', [flag, name], { encoding: 'utf8' });
  return status === 0 ? Number(stdout) : undefined;
}

function lookUp(name: string): OsUser | undefined {
  const uid = idOf('-u', name);
  const gid = idOf('-g', name);
  return uid === undefined || gid === undefined ? undefined : { uid, gid };
}

// PostgreSQL refuses to run as root. Two families of tools: shadow's, and busybox's.
function create(name: string): void {
  spawnSync('groupadd', ['--system', name]);
  if (spawnSync('useradd', ['--system', '-M', '-g', name, '-s', '/bin/false', name]).status === 0) return;
  spawnSync('adduser', ['-S', '-D', '-H', '-s', '/bin/false', name]);
}

/**
 * As root: the owner of a data folder that is there already, else `postgres`, made if missing. Otherwise undefined.
 * @throws LocalServerError if such an account is neither there nor can be made.
 */
export function serverUser(dataDir: string): OsUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const owner = existsSync(dataDir) ? statSync(dataDir) : undefined;
  if (owner && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  const name = 'postgres';
  const found = lookUp(name);
  if (found) return found;
  create(name);
  const made = lookUp(name);
  if (made) return made;
  throw new LocalServerError(
    `PostgreSQL does not run as root and no user "${name}" could be made: make one, or start as an ordinary user.`,
  );
}

/** Whether this account can enter a folder, or run a file: asked of the system, which considers ACLs too. */
export function canEnter(user: OsUser | undefined, path: string): boolean {
  const as = user ? { uid: user.uid, gid: user.gid } : {};
  return spawnSync('/bin/sh', ['-c', 'test -x "$0"', path], { cwd: '/', ...as }).status === 0;
}
