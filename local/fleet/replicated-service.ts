import { join } from 'node:path';
import { until } from '../../test/environment/waiting.ts';
import { type Environment, setVariables } from '../launcher/settings.ts';
import { claimPort, LOOPBACK } from '../servers/ports.ts';
import type { ServerProcess } from '../servers/server-process.ts';
import type { Built } from './build.ts';
import { startCertificates } from './certificate-services.ts';
import { type Addresses, certificateAccess, isolatedLaunch, relaxedLimits } from './isolated-service.ts';
import { isReady, LoadBalancer } from './load-balancer.ts';
import { startNodeChild } from './node-child.ts';
import { startDependencies } from './services.ts';

/** One of several interchangeable processes. */
export interface Replica {
  readonly name: string;
  /** Ends it as a deployment does, waits until it is gone, and starts its successor. @returns what was wrong with its end */
  replace(): Promise<string | undefined>;
}

/**
 * Several APIs and several gateways, each behind a balancer, and several workers; one certificate listener. The addresses are
 * those of the balancers.
 */
export interface ReplicatedService {
  readonly servers: Addresses;
  readonly apis: readonly Replica[];
  readonly workers: readonly Replica[];
  readonly gateways: readonly Replica[];
  /** The settings with which a command of ours joins in. */
  readonly environment: Environment;
  stop(): Promise<void>;
}

/**
 * Longer than an idle connection is kept, so that none is left when the API stops listening, and longer than the balancer
 * needs to notice (`platform/graceful-shutdown.ts`).
 */
const drainSeconds = '7';
const readyWithinMs = 120_000;

/**
 * Starts it, compiled, in a folder and on ports of its own. With `earlier`, another version, every second process is one of
 * that version, and each is replaced by one of the other. @throws Error if it does not get ready
 */
export async function startReplicatedService(
  built: Built,
  {
    apis,
    workers,
    gateways,
    earlier = built,
  }: { apis: number; workers: number; gateways: number; earlier?: Built | undefined },
): Promise<ReplicatedService> {
  const { launch, folder, discard } = await isolatedLaunch(built, relaxedLimits, { ephemeral: true });
  const ends: (() => unknown)[] = [discard, () => launch.fleet.stop()];
  let starts = 0;
  const nextVersion = (): Built => {
    starts += 1;
    return starts % 2 === 0 ? built : earlier;
  };
  const stop = async () => {
    for (const end of ends.splice(0).reverse()) await end();
  };

  /** A process that is replaced by another of its kind, which must get ready. */
  const replica = async (
    name: string,
    script: string,
    env: Environment,
    isUp: (process: ServerProcess) => Promise<boolean>,
  ): Promise<Replica> => {
    const log = join(folder.logs, `${name}.log`);
    let version = nextVersion();
    const run = () => startNodeChild({ script, env, log, builtFolder: version.folder, ownGroup: false });
    let current = await run();
    ends.push(() => current.stop());
    await until(() => isUp(current), Boolean, readyWithinMs);
    return {
      name,
      async replace() {
        await current.stop('SIGTERM', readyWithinMs);
        const { code, signal } = await current.exited;
        version = version === built ? earlier : built;
        current = await run();
        await until(() => isUp(current), Boolean, readyWithinMs);
        return code === 0 ? undefined : `${name} ended with ${signal ?? code}`;
      },
    };
  };

  try {
    const environments = await startDependencies(launch);
    const { shared, api, inForce, certificates, ownerUrl, temporalAddress } = environments;
    const freePort = () => claimPort(0, 'a server', 'PORT');
    const freePorts = (count: number) => Promise.all(Array.from({ length: count }, freePort));
    const balance = async (ports: readonly number[], probe?: string) => {
      const balancer = new LoadBalancer(ports, probe);
      const url = await balancer.start();
      ends.push(() => balancer.stop());
      return url;
    };
    const isUp = (url: string) =>
      until(
        () => fetch(`${url}/readyz`).catch(() => undefined),
        (answer) => answer?.ok === true,
      );
    const gatewayPorts = await freePorts(gateways);
    const gatewayUrl = await balance(gatewayPorts, '/readyz');
    const isWorking = async (worker: ServerProcess) => worker.output().includes('"working"');
    const workerReplicas = await Promise.all(
      Array.from({ length: workers }, async (_, index) => {
        const env = {
          ...shared,
          GATEWAY_INTERNAL_URL: gatewayUrl,
          WORKER_METRICS_PORT: String(await freePort()),
        };
        return replica(`worker-${index + 1}`, 'worker/main.ts', env, isWorking);
      }),
    );
    const ports = await freePorts(apis);
    const apiReplicas = await Promise.all(
      ports.map((port, index) => {
        const env = { ...api, PORT: String(port), DRAIN_SECONDS: drainSeconds };
        return replica(`api-${index + 1}`, 'api/main.ts', env, () => isReady(port));
      }),
    );
    const url = await balance(ports);
    await isUp(url);
    const { GATEWAY_DATABASE_URL, GATEWAY_KEY, GATEWAY_SECRET_KEY, PORTAL_URL, LISTEN_HOST } = inForce;
    const { PATH, HOME } = shared;
    const gateway = setVariables({
      ...{ PATH, HOME, GATEWAY_DATABASE_URL, GATEWAY_KEY, GATEWAY_SECRET_KEY, PORTAL_URL, LISTEN_HOST },
      ...{ API_URL: url, GATEWAY_URL: gatewayUrl, DRAIN_SECONDS: drainSeconds },
    });
    const gatewayReplicas = await Promise.all(
      gatewayPorts.map((port, index) =>
        replica(`gateway-${index + 1}`, 'gateway/main.ts', { ...gateway, GATEWAY_PORT: String(port) }, () =>
          isReady(port, '/readyz'),
        ),
      ),
    );
    await isUp(gatewayUrl);
    if (certificates)
      await startCertificates(
        launch,
        certificates,
        { ...inForce, API_URL: url },
        new AbortController().signal,
      );
    const servers: Addresses = {
      url,
      gatewayUrl,
      phoneUrl: `http://${LOOPBACK}:${launch.ports.PHONE_PORT}`,
      officeKey: api.OFFICE_API_KEY ?? '',
      logs: folder.logs,
      temporalAddress,
      ownerUrl,
      ...certificateAccess(environments),
    };
    return {
      servers,
      apis: apiReplicas,
      workers: workerReplicas,
      gateways: gatewayReplicas,
      environment: shared,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
