import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { Client } from 'pg';
import { LocalServerError } from '../local-server-error.ts';
import type { Binaries } from './binaries.ts';
import type { OsUser } from './os-user.ts';

/** The passwords of the roles of the embedded server. */
export interface Passwords {
  readonly postgres: string;
  readonly clave_owner: string;
  readonly clave_app: string;
  /** Missing in a folder of a release that had no gateway: `addGatewayRole`. */
  readonly clave_gateway?: string;
}

const PASSWORDS = 'clave-passwords.json';

/** What the server's own programs get of our environment: nothing that is secret. */
export const SERVER_ENV: NodeJS.ProcessEnv = { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' };

function run(command: string, args: string[], user: OsUser | undefined, input = ''): void {
  const options = { env: SERVER_ENV, input, encoding: 'utf8' as const, cwd: '/', ...(user ?? {}) };
  const { status, stderr, error } = spawnSync(command, args, options);
  const complaint = /(?:FATAL|ERROR|error):.*/.exec(stderr ?? '')?.[0];
  if (error || status !== 0 || complaint)
    throw new LocalServerError(
      `PostgreSQL's data folder could not be made: ${error?.message ?? complaint ?? stderr}`,
    );
}

// One line is one statement in single-user mode. The owner of the database owns its schema public too.
const roles = (passwords: Passwords) => `ALTER ROLE postgres PASSWORD '${passwords.postgres}';
CREATE ROLE clave_owner LOGIN CREATEDB PASSWORD '${passwords.clave_owner}';
CREATE ROLE clave_app LOGIN PASSWORD '${passwords.clave_app}';
CREATE ROLE clave_gateway LOGIN PASSWORD '${passwords.clave_gateway}';
CREATE DATABASE clave OWNER clave_owner;
REVOKE CONNECT, TEMPORARY ON DATABASE clave FROM PUBLIC;
GRANT CONNECT ON DATABASE clave TO clave_app, clave_gateway;
`;

const secret = (): string => randomBytes(24).toString('hex');

function writePasswords(folder: string, passwords: Passwords): void {
  writeFileSync(join(folder, PASSWORDS), JSON.stringify(passwords), { mode: 0o600 });
  chmodSync(join(folder, PASSWORDS), 0o600);
}

const HBA = 'host all all 127.0.0.1/32 scram-sha-256\n';

/** Makes roles, database and rights in a folder beside, then renames it: a half-made one is never taken for whole. */
function create(dataDir: string, binaries: Binaries, user: OsUser | undefined, durable: boolean): void {
  const beside = `${dataDir}.new`;
  rmSync(beside, { recursive: true, force: true });
  mkdirSync(beside, { recursive: true, mode: 0o700 });
  if (user) chownSync(beside, user.uid, user.gid);
  const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  const sync = durable ? [] : ['--no-sync'];
  run(binaries.initdb, ['-D', beside, '-U', 'postgres', '--auth=trust', ...locale, ...sync], user);

  const passwords = {
    postgres: secret(),
    clave_owner: secret(),
    clave_app: secret(),
    clave_gateway: secret(),
  };
  const fsync = durable ? [] : ['-c', 'fsync=off'];
  run(binaries.postgres, ['--single', '-D', beside, ...fsync, 'postgres'], user, roles(passwords));
  writeFileSync(join(beside, 'pg_hba.conf'), HBA);
  writePasswords(beside, passwords);
  rmSync(dataDir, { recursive: true, force: true }); // empty, as openCluster saw
  renameSync(beside, dataDir);
}

function readPasswords(dataDir: string): Passwords {
  try {
    const found = JSON.parse(readFileSync(join(dataDir, PASSWORDS), 'utf8')) as Passwords;
    if (found.postgres && found.clave_owner && found.clave_app) return found;
  } catch {
    // reported below, as for a file that lacks one
  }
  throw new LocalServerError(`PostgreSQL's data folder ${dataDir} is broken (${PASSWORDS}): ${remedy}`);
}

const remedy = 'move it away to start afresh, or restore it from a backup.';

/**
 * The roles' passwords of the cluster in this folder, which is made if it is missing or empty.
 * @throws LocalServerError if the folder holds something else, or cannot be made.
 */
export function openCluster(
  dataDir: string,
  binaries: Binaries,
  user: OsUser | undefined,
  durable: boolean,
): Passwords {
  try {
    mkdirSync(dirname(dataDir), { recursive: true });
    if (!existsSync(dataDir) || readdirSync(dataDir).length === 0) create(dataDir, binaries, user, durable);
    const version = join(dataDir, 'PG_VERSION');
    if (!existsSync(version) || readFileSync(version, 'utf8').trim() !== '18')
      throw new LocalServerError(
        `PostgreSQL's data folder ${dataDir} is broken or of another version (PG_VERSION): ${remedy}`,
      );
    return readPasswords(dataDir);
  } catch (error) {
    if (error instanceof LocalServerError) throw error;
    throw new LocalServerError(
      `PostgreSQL's data folder ${dataDir} cannot be used: ${(error as Error).message}`,
    );
  }
}

/** Makes the gateway's role in a running cluster that lacks it. The password is kept last: after a crash before, another is made. */
export async function addGatewayRole(
  dataDir: string,
  passwords: Passwords,
  adminUrl: string,
): Promise<Required<Passwords>> {
  const { clave_gateway: known } = passwords;
  if (known) return { ...passwords, clave_gateway: known };
  const made = { ...passwords, clave_gateway: secret() };
  const client = new Client({ connectionString: adminUrl });
  await client.connect();
  try {
    const { rows } = await client.query("SELECT FROM pg_roles WHERE rolname = 'clave_gateway'");
    if (rows.length === 0) await client.query('CREATE ROLE clave_gateway LOGIN');
    await client.query(`ALTER ROLE clave_gateway PASSWORD '${made.clave_gateway}'`);
    await client.query('GRANT CONNECT ON DATABASE clave TO clave_gateway');
  } finally {
    await client.end();
  }
  writePasswords(dataDir, made);
  return made;
}
