import { createServer, type RequestListener, type Server, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { maxConnections } from '../../platform/admission.ts';
import { malformed, type Problem } from './problems.ts';
import { rawProblem } from './raw-problem.ts';

/**
 * Time (ms) in which a client must have sent the whole request. Bodies are small, and one that is held back occupies
 * memory and a connection.
 */
export const requestTimeoutMs = 10_000;

/** Time (ms) for which a refused connection stays open, so that the client can read the refusal. */
const lingerMs = 2_000;

/**
 * Creates the HTTP server of the application. What Node's parser refuses gets the same problem document as every other
 * refusal. A request without Host and one with an unknown Expect are passed to the application.
 */
export function createHttpServer(application: RequestListener, timeoutMs = requestTimeoutMs): Server {
  const server = createServer(
    {
      requireHostHeader: false,
      requestTimeout: timeoutMs,
      headersTimeout: timeoutMs,
      connectionsCheckingInterval: timeoutMs / 10,
    },
    application,
  );
  server.maxConnections = maxConnections;
  server.on('checkExpectation', application);
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (error.code === 'ECONNRESET' || !socket.writable) socket.destroy();
    else refuse(socket, problemByErrorCode[error.code ?? ''] ?? notHttp);
  });
  // CONNECT asks for a tunnel; the API is no proxy.
  server.on('connect', (_request, socket) => {
    socket.on('error', () => {});
    refuse(socket, { problem: 'method-not-allowed', headers: { Allow: 'GET, POST, DELETE' } });
  });
  return server;
}

const notHttp = malformed([{ pointer: '', code: 'invalid-format' }]);

const problemByErrorCode: Readonly<Record<string, Problem>> = {
  HPE_HEADER_OVERFLOW: { problem: 'headers-too-large' },
  HPE_CHUNK_EXTENSIONS_OVERFLOW: { problem: 'payload-too-large' },
  ERR_HTTP_REQUEST_TIMEOUT: { problem: 'request-timeout' },
};

/** Writes the refusal to the socket, since there is no response object, and closes the connection. */
function refuse(socket: Duplex, problem: Problem): void {
  const { status, headers, text } = rawProblem(problem, 'es');
  const lines = Object.entries({ ...headers, Connection: 'close' }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines.join('')}\r\n${text}`);
  // Delayed: destroying a connection with unread bytes resets it, and the client would lose the refusal.
  const linger = setTimeout(() => socket.destroy(), lingerMs);
  socket.once('close', () => clearTimeout(linger));
}
