import { once } from 'node:events';
import type { Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** Time (ms) for requests in progress; connections that are open after it are destroyed. */
const requestTimeoutMs = 6_000;

/**
 * Stops a server without dropping requests. For `drainSeconds` it keeps serving, until load balancers have noticed that
 * it is going away, and closes each connection after its response. Idle connections expire after `keepAliveTimeout`
 * (5 s): after a longer drain none is left on which a request could arrive while it is closed.
 */
export async function shutDownGracefully(server: Server, drainSeconds: number): Promise<void> {
  server.prependListener('request', (_request, response) => {
    response.setHeader('Connection', 'close');
  });
  await sleep(drainSeconds * 1_000);
  server.close();
  server.closeIdleConnections();
  // A response that had started before the drain carries no `Connection: close`.
  const idle = setInterval(() => server.closeIdleConnections(), 100);
  await Promise.race([once(server, 'close'), sleep(requestTimeoutMs, undefined, { ref: false })]);
  clearInterval(idle);
  server.closeAllConnections();
}
