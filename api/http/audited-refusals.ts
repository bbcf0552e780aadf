import { randomUUID } from 'node:crypto';
import type { AuditEvent, AuditStamp } from '../../domain/audit-events.ts';
import { audit } from '../../records/audit.ts';
import type { ApiDependencies } from './dependencies.ts';
import { type Problem, problems } from './problems.ts';
import { type RequestOrigin, recordRequest } from './request-origin.ts';
import type { CallerKind, Callers, Route } from './route.ts';

const callerStamps: {
  [Kind in CallerKind]: (caller: Callers[Kind]) => Omit<AuditStamp, 'id' | 'requestId'>;
} = {
  anyone: () => ({}),
  officer: ({ officerId }) => ({ officerId }),
  'officer-key': ({ officerId }) => ({ officerId }),
  'desk-session': ({ officerId }) => ({ officerId }),
  journey: ({ id, citizenId }) => ({ journeyId: id, citizenId }),
  session: ({ citizenId }) => ({ citizenId }),
  'bound-session': ({ citizenId }) => ({ citizenId }),
  'any-session': ({ citizenId }) => ({ citizenId }),
  'certificate-ticket': () => ({}),
  // Whose certificate it is stands in its sealed evidence.
  act: () => ({}),
  receipt: () => ({}),
  'officer-or-act': (caller) => (caller.by === 'officer' ? { officerId: caller.officerId } : {}),
  'session-or-act': (caller) => (caller.by === 'session' ? { citizenId: caller.session.citizenId } : {}),
  'bound-session-or-certificate': (caller) =>
    caller.by === 'session' ? { citizenId: caller.session.citizenId } : {},
};

/** Audits a refusal that a route returned, if the problem table says so (`audited`). */
export async function auditRefusal(
  { db }: Pick<ApiDependencies, 'db'>,
  { problem }: Problem,
  { route, caller, requestId }: { route: Route; caller: Callers[CallerKind]; requestId: string },
): Promise<void> {
  if (!problems[problem].audited) return;
  const stampOf = callerStamps[route.caller] as (caller: Callers[CallerKind]) => Omit<AuditStamp, 'id'>;
  const event = { type: 'call-refused', route: route.path, problem } as const;
  await audit(db.prisma, event, { id: requestId, requestId, ...stampOf(caller) });
}

/** Audits a refusal before the caller is identified: an invalid officer's key, a rate limit reached. */
export async function auditUnidentifiedCaller(
  dependencies: Pick<ApiDependencies, 'db'>,
  event: Extract<AuditEvent, { type: 'officer-refused' | 'limit-reached' }>,
  route: string,
  origin: RequestOrigin,
): Promise<void> {
  const requestId = randomUUID();
  await recordRequest(dependencies, requestId, route, origin);
  await audit(dependencies.db.prisma, event, { id: requestId, requestId });
}
