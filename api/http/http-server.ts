import { createServer, type RequestListener, type Server, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { malformed, type Problem } from './problems.ts';
import { rawProblem } from './raw-problem.ts';

/**
 * Whoever has not sent a whole request by then (ms) is cut off: a body held back would hold a place among the requests
 * under way, and bodies are small.
 */
export const requestTimeoutMs = 10_000;

/** How long (ms) a refused connection stays open for the client to read the refusal and hang up. */
const lingerMs = 2_000;

/**
 * The HTTP server of the application. What Node would refuse by itself, before there is a request, gets the same problem
 * document as everything else; what the application can answer is left to it.
 */
export function createHttpServer(application: RequestListener, patience = requestTimeoutMs): Server {
  // A request without Host, and one with an Expect that nobody knows, are the application's to answer.
  const server = createServer(
    {
      requireHostHeader: false,
      requestTimeout: patience,
      headersTimeout: patience,
      connectionsCheckingInterval: patience / 10,
    },
    application,
  );
  server.on('checkExpectation', application);
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (error.code === 'ECONNRESET' || !socket.writable) socket.destroy();
    else refuse(socket, byErrorCode[error.code ?? ''] ?? notHttp);
  });
  // Nobody's proxy.
  server.on('connect', (_request, socket) => {
    socket.on('error', () => {});
    refuse(socket, { problem: 'method-not-allowed', headers: { Allow: 'GET, POST, DELETE' } });
  });
  return server;
}

const notHttp = malformed([{ pointer: '', code: 'invalid-format' }]);

const byErrorCode: Readonly<Record<string, Problem>> = {
  HPE_HEADER_OVERFLOW: { problem: 'headers-too-large' },
  HPE_CHUNK_EXTENSIONS_OVERFLOW: { problem: 'payload-too-large' },
  ERR_HTTP_REQUEST_TIMEOUT: { problem: 'request-timeout' },
};

/** Writes the refusal by hand, since there is no request to respond to, and closes the connection. */
function refuse(socket: Duplex, problem: Problem): void {
  const { status, headers, text } = rawProblem(problem, 'es');
  const lines = Object.entries({ ...headers, Connection: 'close' }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines.join('')}\r\n${text}`);
  // Not at once: destroying a connection with unread bytes resets it, and the client would lose the refusal.
  const linger = setTimeout(() => socket.destroy(), lingerMs);
  socket.once('close', () => clearTimeout(linger));
}
