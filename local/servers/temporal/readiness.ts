import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Connection } from '@temporalio/client';

async function knows(
  connection: Connection,
  namespace: string,
  attributes: readonly string[],
): Promise<boolean> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  return attributes.every((name) => name in (customAttributes ?? {}));
}

// Knocked at first: the client lets a second pass after a refused connection.
function listens(address: string): Promise<boolean> {
  const [host, port] = address.split(':');
  return new Promise((resolve) => {
    const socket = connect({ host: host ?? '', port: Number(port) });
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

/**
 * Waits until the server answers and knows these search attributes in each of the namespaces: it registers them after it has begun to answer,
 * and a workflow that sets an unknown one fails its task.
 * @param untilMs instant after which to give up. @returns whether it got ready.
 */
export async function untilReady(
  address: string,
  namespaces: readonly string[],
  attributes: readonly string[],
  untilMs: number,
  gone: () => boolean,
): Promise<boolean> {
  while (!gone() && Date.now() < untilMs && !(await listens(address))) await sleep(20);
  while (!gone() && Date.now() < untilMs) {
    const connection = Connection.lazy({ address, connectTimeout: 1_000 });
    try {
      await connection.withDeadline(Date.now() + 2_000, async () => {
        for (const namespace of namespaces)
          while (!gone() && !(await knows(connection, namespace, attributes))) await sleep(50);
      });
      if (!gone()) return true;
    } catch {
      await sleep(50);
    } finally {
      await connection.close();
    }
  }
  return false;
}
