import { createServer, type RequestListener, type Server, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { type Admission, maxConnections } from '../../platform/admission.ts';
import { httpMessageClasses } from '../../platform/http-messages.ts';
import { malformed, type Problem } from './problems.ts';
import { rawProblem } from './raw-problem.ts';

/**
 * Time (ms) in which a client must have sent the whole request. Bodies are small, and one that is held back occupies
 * memory and a connection.
 */
export const requestTimeoutMs = 10_000;

/** Time (ms) for which a refused connection stays open, so that the client can read the refusal. */
const lingerMs = 2_000;

/** Of the API's HTTP server. */
export interface HttpServerOptions {
  /** Admits requests to the application; without it all reach it at once. */
  readonly admission?: Pick<Admission, 'admit'>;
  /** The time (ms) in which a client must have sent the whole request. */
  readonly timeoutMs?: number;
}

/**
 * Creates the HTTP server of the application. What Node's parser refuses gets the same problem document as every other
 * refusal. A request without Host and one with an unknown Expect are passed to the application.
 */
export function createHttpServer(
  application: RequestListener,
  { admission, timeoutMs = requestTimeoutMs }: HttpServerOptions = {},
): Server {
  const listener = admission ? admission.admit(application) : application;
  const server = createServer(
    {
      ...httpMessageClasses(application),
      requireHostHeader: false,
      requestTimeout: timeoutMs,
      headersTimeout: timeoutMs,
      connectionsCheckingInterval: timeoutMs / 10,
    },
    listener,
  );
  server.maxConnections = maxConnections;
  server.on('checkExpectation', listener);
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
