import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { grantRights } from '../../prisma/grants.ts';
import { applyMigrations } from '../../prisma/schema-engine.ts';
import { noAddressLimits } from '../../test/environment/no-limits.ts';
import { payloadEnvironment } from '../../test/environment/payload-key.ts';
import { openDataFolder } from '../launcher/data-folder.ts';
import { openSecrets } from '../launcher/secrets-file.ts';
import { claimPort, LOOPBACK } from '../servers/ports.ts';
import { startPostgres } from '../servers/postgres-server.ts';
import { type ServerProcess, startProcess } from '../servers/server-process.ts';
import { startTemporal } from '../servers/temporal-server.ts';
import { waitUntilReady } from '../servers/wait-until-ready.ts';
import type { Built } from './build.ts';
import { ChildRegistry } from './child-registry.ts';
import type { ProcessName } from './process-names.ts';
import { type Running, Supervisor } from './supervisor.ts';

/** Where the parts of a whole service are found. */
export interface Addresses {
  readonly url: string;
  readonly phoneUrl: string;
  readonly temporalAddress: string;
  readonly officeKey: string;
  readonly ownerUrl: string;
  readonly logs: string;
  /** An API under whose policy passwords expire after seconds, where there is one; it is never harmed. */
  readonly earlyUrl?: string;
}

/** The whole service as processes, each kept running by the launcher's own supervisor. */
export interface Servers extends Addresses {
  /** Temporal's database file. */
  readonly temporalFile: string;
  /** The settings with which another process of ours joins in. */
  readonly environment: Readonly<Record<string, string>>;
  pidOf(part: ProcessName): number;
  stop(): Promise<void>;
}

/** Numbers that a test from one address would otherwise run into. None of them is what is tested here. */
export const roomy = {
  otp: { tries: 3, life: 'PT10M', sends: 3, resendAfter: 'PT1S' },
  ...noAddressLimits,
  textsPerPhone: { tries: 100, per: 'P1D' },
};
/** Of a password that is set through `earlyUrl`. */
export const earlyLifeMs = 2_000;

// As the launcher's, but that it never gives up: here the same process dies again and again.
const patience = { pauseMs: 250, maxDeaths: Number.POSITIVE_INFINITY, withinMs: 1 };

/**
 * Starts everything in a folder and on ports of its own. `policy`: what its policy file says. `profile`: which process
 * leaves a profile of its processor time, and in which folder. `environmentOf`: what a process is told besides. `early`:
 * with an API at `earlyUrl`.
 * @throws LocalServerError, or Error if it does not get ready
 */
export async function startServers(
  built: Built,
  {
    policy = roomy,
    profile,
    environmentOf = {},
    early = false,
  }: {
    policy?: object;
    profile?: { part: ProcessName; folder: string };
    environmentOf?: Readonly<Record<string, Readonly<Record<string, string>>>>;
    early?: boolean;
  } = {},
): Promise<Servers> {
  const folder = openDataFolder(mkdtempSync(join(tmpdir(), 'clave-faults-')));
  const secrets = openSecrets(folder.keys);
  const officeKey = randomBytes(24).toString('hex');
  const ports = await Promise.all(Array.from({ length: 7 }, () => claimPort(0, 'a server', 'PORT')));
  const [port, earlyPort, phonePort, temporalPort, postgresPort, metricsPort, uiPort] = ports as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  // Whatever ends us, nothing is left running.
  const children = new ChildRegistry(folder.children);
  const killAll = () => children.killAll();
  process.once('exit', killAll);
  const supervisors = new Map<string, { pid: number; supervisor: Supervisor }>();
  const keep = async <Process extends Running>(
    name: string,
    start: () => Promise<Process>,
  ): Promise<Process> => {
    const entry = { pid: 0 } as { pid: number; supervisor: Supervisor };
    const noted = async () => {
      const running = await start();
      entry.pid = running.pid;
      return running;
    };
    const supervisor = new Supervisor({ name, log: name, start: noted }, () => {}, patience);
    entry.supervisor = supervisor as unknown as Supervisor;
    supervisors.set(name, entry);
    return supervisor.start();
  };
  const log = (name: string) => join(folder.logs, `${name}.log`);
  const node = (name: string, script: string, env: Record<string, string>): Promise<ServerProcess> =>
    keep(name, () =>
      startProcess({
        command: process.execPath,
        args: [
          ...(profile?.part === name ? ['--cpu-prof', `--cpu-prof-dir=${profile.folder}`] : []),
          join(built.folder, script),
        ],
        env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env, ...environmentOf[name] },
        log: log(name),
        ownGroup: true,
        channel: true,
        onSpawn: (pid) => children.started(name, pid),
      }),
    );

  const stop = async () => {
    for (const name of ['api', 'early', 'worker', 'phone', 'temporal', 'postgres'])
      await supervisors.get(name)?.supervisor.stop();
    process.off('exit', killAll);
    rmSync(folder.path, { recursive: true, force: true });
  };
  try {
    const [postgres, temporal] = await Promise.all([
      keep('postgres', () =>
        startPostgres({
          ...{ dataDir: folder.postgres, port: postgresPort, log: log('postgres') },
          onSpawn: (pid) => children.started('postgres', pid),
        }),
      ),
      keep('temporal', () =>
        startTemporal({
          ...{ dbFile: folder.temporalDb, port: temporalPort, uiPort, log: log('temporal') },
          onSpawn: (pid) => children.started('temporal', pid),
        }),
      ),
    ]);
    await applyMigrations(postgres.ownerUrl);
    await grantRights(postgres.ownerUrl, postgres.appUrl);
    const { TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN, CLAVE_SECRET_KEY } = secrets;
    const twilio = { TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN };
    await node('phone', 'local/phone/main.js', { ...twilio, PHONE_PORT: String(phonePort) });
    const policyFile = (name: string, content: object) => {
      const file = join(folder.path, `${name}.json`);
      mkdirSync(folder.path, { recursive: true });
      writeFileSync(file, JSON.stringify(content));
      return { CLAVE_POLICY_FILE: file };
    };
    const shared = {
      ...{ ...twilio, CLAVE_SECRET_KEY, DATABASE_URL: postgres.appUrl, TEMPORAL_ADDRESS: temporal.address },
      ...{ TWILIO_FROM: 'Clave', TWILIO_BASE_URL: `http://${LOOPBACK}:${phonePort}` },
      ...payloadEnvironment,
      ...{ OFFICE_API_KEY: officeKey, WORKER_METRICS_PORT: String(metricsPort) },
    };
    const usual = { ...shared, ...policyFile('policy', policy) };
    const soon = { ...policy, passwordLife: `PT${earlyLifeMs / 1_000}S`, passwordReminders: [] };
    await Promise.all([
      node('worker', 'worker/main.js', usual),
      node('api', 'api/main.js', { ...usual, PORT: String(port) }),
      early &&
        node('early', 'api/main.js', { ...shared, ...policyFile('early', soon), PORT: String(earlyPort) }),
    ]);
    const url = `http://${LOOPBACK}:${port}`;
    if (!(await waitUntilReady(`${url}/readyz`, 60_000, new AbortController().signal)))
      throw new Error('the service does not get ready');
    return {
      ...{ url, phoneUrl: `http://${LOOPBACK}:${phonePort}` },
      ...(early && { earlyUrl: `http://${LOOPBACK}:${earlyPort}` }),
      ...{ temporalAddress: temporal.address, officeKey, ownerUrl: postgres.ownerUrl, logs: folder.logs },
      ...{ temporalFile: folder.temporalDb, environment: usual },
      pidOf: (part) => supervisors.get(part)?.pid ?? 0,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
