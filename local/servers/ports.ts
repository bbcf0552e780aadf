import { type AddressInfo, createServer } from 'node:net';
import { LocalServerError } from './local-server-error.ts';

/** The only address on which local servers listen. */
export const LOOPBACK = '127.0.0.1';

function listenOnce(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ port, host: LOOPBACK, exclusive: true }, () => {
      const { port: got } = server.address() as AddressInfo;
      server.close(() => resolve(got));
    });
  });
}

/**
 * The port to use: `port`, or any free one for 0.
 * @throws LocalServerError naming server, port and the setting that changes it, if the port is taken or not allowed.
 */
export async function claimPort(port: number, server: string, setting: string): Promise<number> {
  try {
    return await listenOnce(port);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'EADDRINUSE' ? 'is taken by another program' : `cannot be used (${code})`;
    throw new LocalServerError(
      `Port ${port}, meant for ${server}, ${why}: free it, or set ${setting} to another.`,
    );
  }
}
