import { languageFrom } from '../../domain/languages.ts';
import { type Admission, type AdmissionOptions, createAdmission } from '../../platform/admission.ts';
import { maxBodyBytes } from './json-bodies.ts';
import { unavailable } from './problems.ts';
import { rawProblem } from './raw-problem.ts';

/**
 * Requests in progress per process: slightly more than the hashing queue accepts and PostgreSQL's connections serve
 * within their timeout. Further ones would be refused in any case, but seconds later and all at once (docs/adr/0022).
 */
const maxConcurrentRequests = 160;

/**
 * A request in progress for longer (ms) has its connection destroyed: far more than any reply of the API needs. Without
 * it, clients that neither read nor hang up would occupy every slot.
 */
const requestDeadlineMs = 20_000;

/** Bytes of all bodies that are arriving: 1,024 of the longest (docs/adr/0037). */
const maxArrivingBytes = 1_024 * maxBodyBytes;

/** Endpoints of operators and probes: always admitted. */
const monitoringPaths: ReadonlySet<string | undefined> = new Set([
  '/healthz',
  '/readyz',
  '/readyz/database',
  '/metrics',
]);

/** The admission control of the API. `limits`: for tests. */
export const createApiAdmission = (limits: Partial<AdmissionOptions> = {}): Admission =>
  createAdmission({
    maxConcurrent: maxConcurrentRequests,
    deadlineMs: requestDeadlineMs,
    maxBodyBytes,
    maxArrivingBytes,
    isExempt: ({ url }) => monitoringPaths.has(url),
    refuse(request, response) {
      const language = languageFrom(request.headers['accept-language']);
      const { status, headers, text } = rawProblem(unavailable(), language);
      response.writeHead(status, { ...headers, Connection: 'close' }).end(text);
    },
    ...limits,
  });
