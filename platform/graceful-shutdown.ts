import { once } from 'node:events';
import type { Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** A request under way is answered within this time (ms); who keeps a connection open beyond that is cut off. */
const requestTimeoutMs = 6_000;

/**
 * Stops a server without cutting anybody off. For `drainSeconds` it goes on answering, since whatever stands in front
 * learns only by and by that nothing more is to be sent here; every answer tells its client to come by another
 * connection. A connection that is kept and unused ends by itself after `keepAliveTimeout` (5 s, which clients are told):
 * if the drain lasts longer, none is left on which a request could come as it is closed.
 */
export async function shutDownGracefully(server: Server, drainSeconds: number): Promise<void> {
  server.prependListener('request', (_request, response) => {
    response.setHeader('Connection', 'close');
  });
  await sleep(drainSeconds * 1_000);
  server.close();
  server.closeIdleConnections();
  // Whose answer was already under way has not been told to come by another connection.
  const idle = setInterval(() => server.closeIdleConnections(), 100);
  await Promise.race([once(server, 'close'), sleep(requestTimeoutMs, undefined, { ref: false })]);
  clearInterval(idle);
  server.closeAllConnections();
}
