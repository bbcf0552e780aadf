import { existsSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LocalServerError } from './local-server-error.ts';
import { claimPort, LOOPBACK } from './ports.ts';
import { findBinaries } from './postgres/binaries.ts';
import { addGatewayRole, openCluster, type Passwords, SERVER_ENV } from './postgres/cluster.ts';
import { dataDirectory } from './postgres/data-directory.ts';
import { stopOrphan } from './postgres/orphaned-server.ts';
import { serverUser } from './postgres/os-user.ts';
import { type Exit, type OnSpawn, type ServerProcess, startProcess } from './server-process.ts';

/** How to start PostgreSQL. */
export interface PostgresOptions {
  /** Its data folder, made if missing. As root it may be kept elsewhere: see `PostgresServer.dataDir`. */
  readonly dataDir: string;
  /** On 127.0.0.1; 0 takes any free one. */
  readonly port: number;
  /** A file that its log is appended to. */
  readonly log?: string;
  /** For tests: fast, forgets at a crash, and the data folder is deleted by `stop()`. */
  readonly ephemeral?: boolean;
  readonly onSpawn?: OnSpawn;
}

/** A running PostgreSQL with a database `clave`. */
export interface PostgresServer {
  /** As `clave_owner`: owns the database, may make others, runs migrations; no superuser. */
  readonly ownerUrl: string;
  /** As `clave_app`: may log in; the migrations grant its rights. */
  readonly appUrl: string;
  /** As `clave_gateway`: may log in; the migrations grant its rights, which reach no citizen. */
  readonly gatewayUrl: string;
  /** As the superuser: for tests that break things. */
  readonly adminUrl: string;
  readonly port: number;
  readonly pid: number;
  /** Where its files really are. */
  readonly dataDir: string;
  readonly exited: Promise<Exit>;
  /** PostgreSQL's "fast" shutdown: open connections are cut. */
  stop(): Promise<void>;
}

const settings = (port: number, ephemeral: boolean) => ({
  listen_addresses: LOOPBACK,
  port,
  unix_socket_directories: '', // a path with spaces, or a long one, would not do
  max_connections: 100,
  shared_buffers: '128MB',
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_checkpoints: 'off',
  log_error_verbosity: 'terse', // no DETAIL: "Key (phone)=(…) already exists" names people
  ...(ephemeral
    ? {
        fsync: 'off',
        full_page_writes: 'off',
        synchronous_commit: 'off',
        shared_buffers: '64MB',
        dynamic_shared_memory_type: 'mmap', // in the data folder: elsewhere it outlives a server that is killed
      }
    : {}),
});

// What pg_ctl waits for: the eighth line of the pid file.
function isReady(dataDir: string, pid: number): boolean {
  const file = join(dataDir, 'postmaster.pid');
  if (!existsSync(file)) return false;
  const lines = readFileSync(file, 'utf8').split('\n');
  return Number(lines[0]) === pid && lines[7]?.trim() === 'ready';
}

async function untilReady(server: ServerProcess, dataDir: string): Promise<void> {
  let ended = false;
  void server.exited.then(() => {
    ended = true;
  });
  for (const end = Date.now() + 60_000; Date.now() < end; await sleep(20)) {
    if (ended) {
      const why =
        [...server.output().matchAll(/(?:FATAL|PANIC|postgres): +(.*)/g)].at(-1)?.[1] ??
        server.output().slice(-300);
      throw new LocalServerError(`PostgreSQL did not start on ${dataDir}: ${why}`);
    }
    if (isReady(dataDir, server.pid)) return;
  }
  await server.stop('SIGQUIT');
  throw new LocalServerError(`PostgreSQL did not get ready within a minute on ${dataDir}`);
}

/** Stops a server that a killed launcher left on this data folder, if there is one. @throws LocalServerError if it stays. */
export async function stopOrphanedPostgres(dataDir: string): Promise<void> {
  await stopOrphan(dataDirectory(dataDir, serverUser(dataDir)));
}

/**
 * Starts PostgreSQL from the binaries that npm installed. A server that an earlier, killed launcher left on the
 * same data folder is stopped first, so call it once per folder.
 * @throws LocalServerError with one line: port taken, data folder broken, no binaries for this machine.
 */
export async function startPostgres(options: PostgresOptions): Promise<PostgresServer> {
  const ephemeral = options.ephemeral ?? false;
  const user = serverUser(options.dataDir);
  const dataDir = dataDirectory(options.dataDir, user);
  const binaries = await findBinaries(user);
  await stopOrphan(dataDir);
  const port = await claimPort(options.port, 'PostgreSQL', 'POSTGRES_PORT');
  const found = openCluster(dataDir, binaries, user, !ephemeral);

  const flags = Object.entries(settings(port, ephemeral)).flatMap(([name, value]) => [
    '-c',
    `${name}=${value}`,
  ]);
  const server = await startProcess({
    command: binaries.postgres,
    args: ['-D', dataDir, ...flags],
    env: SERVER_ENV,
    cwd: '/',
    log: options.log,
    ownGroup: !ephemeral,
    onSpawn: options.onSpawn,
    ...user,
  });
  await untilReady(server, dataDir);

  const urlWith = (role: keyof Passwords, password = '') =>
    `postgresql://${role}:${password}@${LOOPBACK}:${port}/clave`;
  const passwords = await addGatewayRole(dataDir, found, urlWith('postgres', found.postgres));
  const url = (role: keyof Passwords) => urlWith(role, passwords[role]);
  return {
    ownerUrl: url('clave_owner'),
    appUrl: url('clave_app'),
    gatewayUrl: url('clave_gateway'),
    adminUrl: url('postgres'),
    port,
    pid: server.pid,
    dataDir,
    exited: server.exited,
    async stop() {
      await server.stop('SIGINT');
      if (!ephemeral) return;
      // Kept elsewhere, it has a folder of its own around it.
      const gone = dataDir === resolve(options.dataDir) ? dataDir : dirname(dataDir);
      await rm(gone, { recursive: true, force: true });
    },
  };
}
