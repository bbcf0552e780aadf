import { lengthMs } from '../../domain/durations.ts';
import type { Policy } from '../../domain/policy.ts';
import type { KeyRing } from '../../platform/secrets.ts';
import { auditUnidentifiedCaller } from './audited-refusals.ts';
import { rateLimitKey } from './client-address.ts';
import type { ApiDependencies } from './dependencies.ts';
import { type Problem, tooMany } from './problems.ts';
import type { RequestOrigin } from './request-origin.ts';

/**
 * The limits of an address: of all requests, of starts, and of officers' keys that are none. In PostgreSQL, shared by all API
 * processes (docs/adr/0033).
 */
export type LimitName = 'requests' | 'starts' | 'officer-keys';

/** A limit is exceeded until an instant (ms). */
export interface LimitReached {
  readonly limit: LimitName;
  readonly retryAtMs: number;
  /** The first refusal of this period. */
  readonly isFirst: boolean;
}

/** What `count_request` returns: which of the limits is exceeded, by its position from 1. */
export interface RequestCountRow {
  readonly exceeded: number | null;
  readonly isFirst: boolean | null;
  readonly untilMs: string | null;
}

/** For SQL: these columns. */
export const requestCountColumns = 'exceeded, is_first AS "isFirst", until_ms AS "untilMs"';

const policyOf: { [Name in LimitName]: (policy: Policy) => { max: number; per: string } } = {
  requests: ({ requestsPerIp }) => requestsPerIp,
  starts: ({ startsPerIp }) => startsPerIp,
  // The same number, counted apart: wrong keys shut out no citizen of the same address.
  'officer-keys': ({ startsPerIp }) => startsPerIp,
};

/** The address as the database holds it: a keyed digest. */
export const addressDigest = (ring: KeyRing, address: string): string =>
  ring.mac('address', [address]).toString('base64url');

/** For SQL: the arguments of `count_request`, the first parameters of a statement. */
export const countRequestArguments = 'keys => $1, maxima => $2, periods_ms => $3, now_ms => $4';

/** The values of `countRequestArguments`, in their order. */
export const countRequestParameters = (
  limits: readonly LimitName[],
  digest: string,
  policy: Policy,
): unknown[] => [
  limits.map((limit) => `${limit}:${digest}`),
  limits.map((limit) => policyOf[limit](policy).max),
  limits.map((limit) => lengthMs(policyOf[limit](policy).per)),
  Date.now(),
];

/** The limit that a counted request has exceeded, if any. */
export function limitReached(
  limits: readonly LimitName[],
  { exceeded, isFirst, untilMs }: RequestCountRow,
): LimitReached | undefined {
  const limit = exceeded === null ? undefined : limits[exceeded - 1];
  return limit && { limit, retryAtMs: Number(untilMs), isFirst: isFirst === true };
}

/**
 * Counts a request against limits of its address, in their order. Returns the refusal once one is exceeded; those after
 * it are not counted then. @throws Error when PostgreSQL does not answer: limits fail closed
 */
export async function enforceLimits(
  limits: readonly LimitName[],
  route: string,
  origin: RequestOrigin,
  dependencies: Pick<ApiDependencies, 'db' | 'ring' | 'policy'>,
): Promise<Problem | undefined> {
  const { db, ring, policy } = dependencies;
  const { rows } = await db.pool.query<RequestCountRow>({
    name: 'count-request',
    text: `SELECT ${requestCountColumns} FROM count_request(${countRequestArguments})`,
    values: countRequestParameters(limits, addressDigest(ring, rateLimitKey(origin.address)), policy),
  });
  const [counted] = rows;
  if (!counted) throw new Error('a request was not counted');
  const reached = limitReached(limits, counted);
  return reached && refuseOverLimit(reached, route, origin, dependencies);
}

/**
 * Refuses a request if a limit of its address is spent, otherwise counts nothing. @throws Error when PostgreSQL does not
 * answer: limits fail closed
 */
export async function refuseIfSpent(
  limit: LimitName,
  route: string,
  origin: RequestOrigin,
  dependencies: Pick<ApiDependencies, 'db' | 'ring' | 'policy'>,
): Promise<Problem | undefined> {
  const { db, ring, policy } = dependencies;
  const [[key], [max], , nowMs] = countRequestParameters(
    [limit],
    addressDigest(ring, rateLimitKey(origin.address)),
    policy,
  ) as [string[], number[], number[], number];
  const { rowCount } = await db.pool.query({
    name: 'limit-spent',
    text: 'SELECT 1 FROM limiter_row WHERE key = $1 AND points >= $2 AND expire > $3',
    values: [key, max, nowMs],
  });
  // Counted, so that the first refusal is audited.
  return rowCount ? enforceLimits([limit], route, origin, dependencies) : undefined;
}

/** The refusal of a request over a limit. The first of a period is audited. */
export async function refuseOverLimit(
  { limit, retryAtMs, isFirst }: LimitReached,
  route: string,
  origin: RequestOrigin,
  dependencies: Pick<ApiDependencies, 'db'>,
): Promise<Problem> {
  const auditedRoute = limit === 'requests' ? 'any' : route;
  if (isFirst)
    await auditUnidentifiedCaller(dependencies, { type: 'limit-reached', limit }, auditedRoute, origin);
  return tooMany(retryAtMs);
}

/**
 * The refusal of a request that is not counted yet. It counts against its address like any other: beyond the limit the
 * refusal is 429.
 */
export const refuseUncounted = async (
  problem: Problem,
  origin: RequestOrigin,
  dependencies: Pick<ApiDependencies, 'db' | 'ring' | 'policy'>,
): Promise<Problem> => (await enforceLimits(['requests'], 'any', origin, dependencies)) ?? problem;
