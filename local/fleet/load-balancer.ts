import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { LOOPBACK } from '../servers/ports.ts';

/**
 * A load balancer as a Kubernetes service is one: it distributes connections over the processes that report readiness, and an
 * open connection stays where it is. A process that refuses a connection is skipped: nothing has been sent to it yet.
 */
export class LoadBalancer {
  readonly #ports: readonly number[];
  readonly #probe: string | undefined;
  readonly #server: Server;
  readonly #open = new Set<Socket>();
  readonly #stopping = new AbortController();
  #ready: readonly number[] = [];
  #turn = 0;
  #watching: Promise<unknown> = Promise.resolve();

  /** `probe`: the path at which a process reports its readiness. */
  constructor(ports: readonly number[], probe?: string) {
    this.#ports = ports;
    this.#probe = probe;
    this.#server = createServer((client) => this.#pass(client));
  }

  /** @returns where it listens */
  async start(): Promise<string> {
    this.#server.listen(0, LOOPBACK);
    await once(this.#server, 'listening');
    this.#watching = this.#watch();
    return `http://${LOOPBACK}:${(this.#server.address() as AddressInfo).port}`;
  }

  async #watch(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      const states = await Promise.all(this.#ports.map((port) => isReady(port, this.#probe)));
      this.#ready = this.#ports.filter((_port, index) => states[index]);
      await sleep(200, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
    }
  }

  async #pass(client: Socket): Promise<void> {
    this.#track(client);
    for (let left = this.#ready.length; left > 0; left -= 1) {
      const upstream = await connected(this.#ready[this.#turn++ % this.#ready.length] ?? 0);
      if (!upstream) continue;
      this.#track(upstream);
      client.pipe(upstream).pipe(client);
      client.once('close', () => upstream.destroy());
      upstream.once('close', () => client.destroySoon());
      return;
    }
    client.destroy();
  }

  #track(socket: Socket): void {
    this.#open.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => this.#open.delete(socket));
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#watching;
    this.#server.close();
    for (const socket of this.#open) socket.destroy();
  }
}

/** Whether a process reports readiness for requests, probed as Kubernetes does (`deploy/kubernetes/base/api.yaml`). */
export const isReady = async (port: number, probe = '/readyz/database'): Promise<boolean> => {
  const answer = await fetch(`http://${LOOPBACK}:${port}${probe}`, {
    headers: { Connection: 'close' },
    signal: AbortSignal.timeout(5_000),
  }).catch(() => undefined);
  await answer?.body?.cancel();
  return answer?.status === 200;
};

async function connected(port: number): Promise<Socket | undefined> {
  const socket = connect({ port, host: LOOPBACK, noDelay: true });
  return new Promise((resolve) => {
    socket.once('connect', () => resolve(socket));
    socket.once('error', () => resolve(undefined));
  });
}
