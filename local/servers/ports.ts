import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { LocalServerError } from './local-server-error.ts';

/** The only address on which local servers listen. */
export const LOOPBACK = '127.0.0.1';

/**
 * Ports for servers that may have any. Below those from which systems give ports to outgoing connections (32768 on Linux,
 * 49152 elsewhere): otherwise a connection could take a port between its claim and the start of its server.
 */
const anyPort = { min: 16_384, max: 32_767 };

/** Ports that this process has given out for 0. A server may start long after its claim, so none is given out twice. */
const givenOut = new Set<number>();

function listenOnce(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ port, host: LOOPBACK, exclusive: true }, () => server.close(() => resolve()));
  });
}

async function claimAnyPort(): Promise<number> {
  for (let attempt = 1; attempt <= 1_000; attempt += 1) {
    const port = randomInt(anyPort.min, anyPort.max + 1);
    if (givenOut.has(port)) continue;
    givenOut.add(port);
    const isFree = await listenOnce(port).then(
      () => true,
      (error: NodeJS.ErrnoException) => {
        if (error.code === 'EADDRINUSE' || error.code === 'EACCES') return false;
        throw error;
      },
    );
    if (isFree) return port;
  }
  throw new LocalServerError(`No port from ${anyPort.min} to ${anyPort.max} is free.`);
}

/**
 * The port to use: `port`, or any free one for 0.
 * The latter is given to no other caller in this process.
 * @throws LocalServerError naming server, port and the setting that changes it, if the port is taken or not allowed.
 */
export async function claimPort(port: number, server: string, setting: string): Promise<number> {
  if (port === 0) return claimAnyPort();
  try {
    await listenOnce(port);
    return port;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'EADDRINUSE' ? 'is taken by another program' : `cannot be used (${code})`;
    throw new LocalServerError(
      `Port ${port}, meant for ${server}, ${why}: free it, or set ${setting} to another.`,
    );
  }
}
