import { auditUnidentifiedCaller } from './audited-refusals.ts';
import { rateLimitKey } from './client-address.ts';
import type { ApiDependencies } from './dependencies.ts';
import { type Problem, tooMany } from './problems.ts';
import type { RequestOrigin } from './request-origin.ts';

/**
 * Counts a request against the limit of its address. Returns the refusal once the limit is exceeded, which is audited
 * once per period. @throws Error when PostgreSQL does not answer
 */
export async function enforceRateLimit(
  limit: 'requests' | 'starts',
  route: string,
  origin: RequestOrigin,
  dependencies: Pick<ApiDependencies, 'db' | 'limiters'>,
): Promise<Problem | undefined> {
  const reached = await dependencies.limiters[limit].consume(rateLimitKey(origin.address));
  if (!reached) return undefined;
  if (reached.isNew)
    await auditUnidentifiedCaller(dependencies, { type: 'limit-reached', limit }, route, origin);
  return tooMany(reached.retryAtMs);
}
