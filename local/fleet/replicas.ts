import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { grantRights } from '../../prisma/grants.ts';
import { applyMigrations } from '../../prisma/schema-engine.ts';
import { payloadEnvironment } from '../../test/environment/payload-key.ts';
import { until } from '../../test/environment/waiting.ts';
import { claimPort, LOOPBACK } from '../servers/ports.ts';
import { startPostgres } from '../servers/postgres-server.ts';
import { type ServerProcess, startProcess } from '../servers/server-process.ts';
import { startTemporal } from '../servers/temporal-server.ts';
import type { Built } from './build.ts';
import { isReady, LoadBalancer } from './load-balancer.ts';
import { type Addresses, roomy } from './servers.ts';

/** One of several processes that do the same. */
export interface Replica {
  readonly name: string;
  /** Ends it as a deployment does, waits until it is gone, and starts its successor. @returns what was wrong with its end */
  replace(): Promise<string | undefined>;
}

/** Several APIs behind a balancer, and several workers. `servers.url` is the balancer's. */
export interface Fleet {
  readonly servers: Addresses;
  readonly apis: readonly Replica[];
  readonly workers: readonly Replica[];
  stop(): Promise<void>;
}

/**
 * Longer than a connection is kept unused, so that none is left when the door is closed, and than the balancer needs to
 * notice (`platform/graceful-shutdown.ts`).
 */
const drainSeconds = '7';
const patienceMs = 120_000;

/** @throws Error if it does not get ready */
export async function startFleet(
  built: Built,
  { apis, workers }: { apis: number; workers: number },
): Promise<Fleet> {
  const folder = mkdtempSync(join(tmpdir(), 'clave-rolling-'));
  const logs = join(folder, 'logs');
  mkdirSync(logs);
  const ends: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })];
  const stop = async () => {
    for (const end of ends.splice(0).reverse()) await end();
  };
  const run = (name: string, script: string, env: Record<string, string>): Promise<ServerProcess> =>
    startProcess({
      command: process.execPath,
      args: [join(built.folder, script)],
      env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env },
      log: join(logs, `${name}.log`),
      ownGroup: false,
    });

  /** A process that is replaced by another of its kind, which must get ready. */
  const replica = async (
    name: string,
    script: string,
    env: Record<string, string>,
    isUp: (process: ServerProcess) => Promise<boolean>,
  ): Promise<Replica> => {
    let current = await run(name, script, env);
    ends.push(() => current.stop());
    await until(() => isUp(current), Boolean, patienceMs);
    return {
      name,
      async replace() {
        await current.stop('SIGTERM', patienceMs);
        const { code, signal } = await current.exited;
        current = await run(name, script, env);
        await until(() => isUp(current), Boolean, patienceMs);
        return code === 0 ? undefined : `${name} ended with ${signal ?? code}`;
      },
    };
  };

  try {
    const [postgres, temporal] = await Promise.all([
      startPostgres({ dataDir: join(folder, 'postgres'), port: 0, ephemeral: true }),
      startTemporal({ port: 0 }),
    ]);
    ends.push(
      () => postgres.stop(),
      () => temporal.stop(),
    );
    await applyMigrations(postgres.ownerUrl);
    await grantRights(postgres.ownerUrl, postgres.appUrl);
    const portOf = () => claimPort(0, 'a server', 'PORT');
    const phonePort = await portOf();
    const phoneUrl = `http://${LOOPBACK}:${phonePort}`;
    const twilio = { TWILIO_ACCOUNT_SID: `AC${'0'.repeat(32)}`, TWILIO_AUTH_TOKEN: 'test-token' };
    const phone = await run('phone', 'local/phone/main.js', { ...twilio, PHONE_PORT: String(phonePort) });
    ends.push(() => phone.stop());

    const officeKey = randomBytes(24).toString('hex');
    const policyFile = join(folder, 'policy.json');
    writeFileSync(policyFile, JSON.stringify(roomy));
    const settings = {
      ...{ ...twilio, TWILIO_FROM: 'Clave', TWILIO_BASE_URL: phoneUrl, CLAVE_POLICY_FILE: policyFile },
      ...{ DATABASE_URL: postgres.appUrl, TEMPORAL_ADDRESS: temporal.address },
      ...payloadEnvironment,
      CLAVE_SECRET_KEY: `k1:${randomBytes(32).toString('base64')}`,
    };
    const isWorking = async (worker: ServerProcess) => worker.output().includes('"working"');
    const workerReplicas = await Promise.all(
      Array.from({ length: workers }, async (_, index) =>
        replica(
          `worker-${index + 1}`,
          'worker/main.js',
          { ...settings, WORKER_METRICS_PORT: String(await portOf()) },
          isWorking,
        ),
      ),
    );
    const ports = await Promise.all(Array.from({ length: apis }, portOf));
    const apiReplicas = await Promise.all(
      ports.map((port, index) =>
        replica(
          `api-${index + 1}`,
          'api/main.js',
          { ...settings, OFFICE_API_KEY: officeKey, PORT: String(port), DRAIN_SECONDS: drainSeconds },
          () => isReady(port),
        ),
      ),
    );
    const balancer = new LoadBalancer(ports);
    const url = await balancer.start();
    ends.push(() => balancer.stop());
    await until(
      () => fetch(`${url}/readyz`).catch(() => undefined),
      (answer) => answer?.ok === true,
    );
    const temporalAddress = temporal.address;
    const servers = { url, phoneUrl, officeKey, logs, temporalAddress, ownerUrl: postgres.ownerUrl };
    return { servers, apis: apiReplicas, workers: workerReplicas, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
