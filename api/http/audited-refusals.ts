import { randomUUID } from 'node:crypto';
import type { AuditStamp } from '../../domain/audit-events.ts';
import { audit } from '../../records/audit.ts';
import { rateLimitKey } from './client-address.ts';
import type { ApiDependencies } from './dependencies.ts';
import { type Problem, type ProblemCode, tooMany } from './problems.ts';
import type { CallerKind, Callers, Route } from './route.ts';

/** From where a call came: a row of `Request`, whose id alone goes on. */
export interface RequestOrigin {
  readonly address: string;
  readonly userAgent: string;
}

/** Writes from where a call came; workflows and the audit trail get the row's id only. */
export const recordRequest = (
  { db }: Pick<ApiDependencies, 'db'>,
  id: string,
  route: string,
  { address: ip, userAgent }: RequestOrigin,
): Promise<unknown> =>
  db.pool.query({
    name: 'note-request',
    text: 'INSERT INTO "Request" (id, ip, "userAgent", route) VALUES ($1, $2, $3, $4)',
    values: [id, ip, userAgent.slice(0, 500), route],
  });

/**
 * Refusals that are the outcome of a call and that nothing else audits. What says only that a call was malformed or
 * out of step (400, 404, 409, 410) writes nothing, and 503 is for the log: what it would be written in may be away.
 */
const audited: readonly ProblemCode[] = [
  'password-refused',
  'phone-in-use',
  'not-registered',
  'registration-act-needed',
];

const stamps: { [Kind in CallerKind]: (caller: Callers[Kind]) => Omit<AuditStamp, 'id' | 'requestId'> } = {
  anyone: () => ({}),
  officer: ({ officerId }) => ({ officerId }),
  journey: ({ id, citizenId }) => ({ journeyId: id, citizenId }),
  session: ({ citizenId }) => ({ citizenId }),
};

/** Audits a refusal of a known caller's call, if it is one of those. */
export async function auditRefusal(
  { db }: Pick<ApiDependencies, 'db'>,
  { problem }: Problem,
  { route, caller, requestId }: { route: Route; caller: Callers[CallerKind]; requestId: string },
): Promise<void> {
  if (!audited.includes(problem)) return;
  const stampOf = stamps[route.caller] as (caller: Callers[CallerKind]) => Omit<AuditStamp, 'id'>;
  const event = { type: 'call-refused', route: route.path, problem } as const;
  await audit(db.prisma, event, { id: requestId, requestId, ...stampOf(caller) });
}

/** Audits what a stranger was refused before anything was known of them: a key that is no officer's, a limit reached. */
export async function auditUnknownCaller(
  dependencies: Pick<ApiDependencies, 'db'>,
  event: { type: 'officer-refused' } | { type: 'limit-reached'; limit: 'requests' | 'starts' },
  route: string,
  origin: RequestOrigin,
): Promise<void> {
  const requestId = randomUUID();
  await recordRequest(dependencies, requestId, route, origin);
  await audit(dependencies.db.prisma, event, { id: requestId, requestId });
}

/** Counts against an address. The refusal, if there is no more; it is audited once in the limit's period. */
export async function consumeLimit(
  limit: 'requests' | 'starts',
  route: string,
  origin: RequestOrigin,
  dependencies: Pick<ApiDependencies, 'db' | 'limiters'>,
): Promise<Problem | undefined> {
  const reached = await dependencies.limiters[limit].consume(rateLimitKey(origin.address));
  if (!reached) return undefined;
  if (reached.isNew) await auditUnknownCaller(dependencies, { type: 'limit-reached', limit }, route, origin);
  return tooMany(reached.retryAtMs);
}
