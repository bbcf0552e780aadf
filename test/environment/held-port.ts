import { once } from 'node:events';
import type { Server } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';

/** A free port that stays bound until a server listens on it. */
export interface HeldPort {
  readonly url: string;
  /** Makes the server listen on the port. The server does not answer connections that were opened before. */
  giveTo(server: Server): Promise<void>;
}

/** Binds a free port, for a server whose application needs its own address before it can be created. */
export async function holdPort(): Promise<HeldPort> {
  const holder = createServer().listen(0, '127.0.0.1');
  await once(holder, 'listening');
  return {
    url: `http://127.0.0.1:${(holder.address() as AddressInfo).port}`,
    async giveTo(server) {
      server.listen(holder);
      await once(server, 'listening');
    },
  };
}
