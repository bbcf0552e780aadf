import type { RequestListener } from 'node:http';
import { languageFrom } from '../../domain/languages.ts';
import type { Metrics } from '../monitoring/metrics.ts';
import { unavailable } from './problems.ts';
import { rawProblem } from './raw-problem.ts';

/**
 * Requests of one process under way at a time: a few more than the queue for hashing takes, and than PostgreSQL's
 * connections can serve within their patience. What is beyond would be refused anyway, seconds later and all at once.
 */
export const maxConcurrentRequests = 160;

/**
 * The longest (ms) that one request may be under way: then its connection is destroyed. Twice the time that a body may
 * take, and far more than any answer needs. Without it, a client that neither reads nor hangs up keeps its place.
 */
export const requestDeadlineMs = 20_000;

/** For whoever watches over the process: never turned away. */
const monitoringPaths: ReadonlySet<string | undefined> = new Set([
  '/healthz',
  '/readyz',
  '/readyz/database',
  '/metrics',
]);

/**
 * Turns away what is too much with 503, before anything is done for it, even by the application's first middleware: two
 * thousand requests at once then cost the process a fraction of a second in small portions. Those that are admitted
 * begin one at a time, with a look at what else has come between two: /healthz is answered meanwhile.
 */
export function admit(
  application: RequestListener,
  { metrics }: { metrics: Pick<Metrics, 'rejectedRequests'> },
  { atMost = maxConcurrentRequests, deadlineMs = requestDeadlineMs } = {},
): RequestListener {
  let underWay = 0;
  const inTurn = createEventLoopQueue();
  return (request, response) => {
    if (monitoringPaths.has(request.url)) return application(request, response);
    if (underWay < atMost) {
      underWay += 1;
      // destroy(), not end(): a FIN leaves the connection open for as long as the client ignores it.
      const deadline = setTimeout(() => request.socket.destroy(), deadlineMs);
      response.once('close', () => {
        clearTimeout(deadline);
        underWay -= 1;
      });
      return inTurn(() => application(request, response));
    }
    metrics.rejectedRequests.inc();
    const language = languageFrom(request.headers['accept-language']);
    const { status, headers, text } = rawProblem(unavailable(), language);
    // What else it would send is not read.
    response.writeHead(status, { ...headers, Connection: 'close' }).end(text);
  };
}

/** Begins each piece of work in a round of the event loop of its own. */
function createEventLoopQueue(): (begin: () => void) => void {
  const waiting: (() => void)[] = [];
  const next = () => {
    waiting.shift()?.();
    if (waiting.length > 0) setImmediate(next);
  };
  return (begin) => {
    if (waiting.push(begin) === 1) setImmediate(next);
  };
}
