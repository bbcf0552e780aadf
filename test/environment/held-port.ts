import { once } from 'node:events';
import type { Server } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';

/** A free port that is held until a server takes it: its address is a setting of what that server serves. */
export interface HeldPort {
  readonly url: string;
  /** Lets a server listen on it. Whoever has connected before waits for ever. */
  giveTo(server: Server): Promise<void>;
}

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
