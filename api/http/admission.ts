import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { languageFrom } from '../../domain/languages.ts';
import type { Metrics } from '../monitoring/metrics.ts';
import { unavailable } from './problems.ts';
import { rawProblem } from './raw-problem.ts';

/**
 * Requests in progress per process: slightly more than the hashing queue accepts and PostgreSQL's connections serve
 * within their timeout. Further ones would be refused in any case, but seconds later and all at once (docs/adr/0022).
 */
export const maxConcurrentRequests = 160;

/**
 * A request in progress for longer (ms) has its connection destroyed. Twice the time that a body may take, and far more
 * than any reply of the API needs. Without it, clients that neither read nor hang up would occupy every slot.
 */
export const requestDeadlineMs = 20_000;

/** Endpoints of operators and probes: always admitted. */
const monitoringPaths: ReadonlySet<string | undefined> = new Set([
  '/healthz',
  '/readyz',
  '/readyz/database',
  '/metrics',
]);

/**
 * Admission control in front of the application: beyond `maxConcurrent` requests in progress, further ones are refused
 * with 503 before any middleware runs, which makes a refusal cheap. Admitted requests start one per event-loop turn, so
 * that /healthz is answered in between.
 */
export function admit(
  application: RequestListener,
  { metrics }: { metrics: Pick<Metrics, 'rejectedRequests'> },
  { maxConcurrent = maxConcurrentRequests, deadlineMs = requestDeadlineMs } = {},
): RequestListener {
  const slots = createSlots(maxConcurrent, deadlineMs);
  const startInNextTurn = createEventLoopQueue();
  return (request, response) => {
    if (monitoringPaths.has(request.url)) return application(request, response);
    const slot = slots.acquire(request, response);
    if (slot)
      return startInNextTurn(() => {
        if (slot.isHeld()) application(request, response);
      });
    metrics.rejectedRequests.inc();
    const language = languageFrom(request.headers['accept-language']);
    const { status, headers, text } = rawProblem(unavailable(), language);
    // The rest of the request is not read, so the connection cannot be reused.
    response.writeHead(status, { ...headers, Connection: 'close' }).end(text);
  };
}

interface Slot {
  /** False once the reply is sent or the connection is closed. */
  isHeld(): boolean;
}

/**
 * The slots for requests in progress. A slot is released once, when the reply is sent or the connection closes: a reply
 * that waits behind another on a pipelined connection emits no `close` of its own.
 */
function createSlots(maxConcurrent: number, deadlineMs: number) {
  let inProgress = 0;
  const heldBy = new WeakMap<Socket, Set<() => void>>();

  const releasesOf = (socket: Socket): Set<() => void> => {
    const known = heldBy.get(socket);
    if (known) return known;
    const releases = new Set<() => void>();
    heldBy.set(socket, releases);
    // One listener a connection, however many requests it carries.
    socket.once('close', () => {
      for (const release of releases) release();
    });
    return releases;
  };

  return {
    /** Returns undefined when all slots are taken. */
    acquire({ socket }: IncomingMessage, response: ServerResponse): Slot | undefined {
      if (inProgress >= maxConcurrent || socket.destroyed) return undefined;
      inProgress += 1;
      const releases = releasesOf(socket);
      // destroy(), not end(): a FIN leaves the connection open for as long as the client ignores it.
      const deadline = setTimeout(() => socket.destroy(), deadlineMs);
      const release = () => {
        if (!releases.delete(release)) return;
        clearTimeout(deadline);
        inProgress -= 1;
      };
      releases.add(release);
      response.once('close', release);
      return { isHeld: () => releases.has(release) };
    },
  };
}

/** Starts each task in an event-loop turn of its own. */
function createEventLoopQueue(): (start: () => void) => void {
  const queue: (() => void)[] = [];
  const startNext = () => {
    queue.shift()?.();
    if (queue.length > 0) setImmediate(startNext);
  };
  return (start) => {
    if (queue.push(start) === 1) setImmediate(startNext);
  };
}
