import ipaddr from 'ipaddr.js';
import { lengthMs } from '../../domain/durations.ts';
import { wideNetworkFactor } from '../../domain/limits.ts';
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

/** The units that a limit counts, each with its factor: the address or /64 network of `rateLimitKey`, and a /48 above the latter. */
function unitsOf(address: string): { readonly unit: string; readonly factor: number }[] {
  const unit = { unit: address, factor: 1 };
  if (!address.endsWith('/64')) return [unit];
  const { parts } = ipaddr.IPv6.parse(address.slice(0, -3));
  const wide = new ipaddr.IPv6([...parts.slice(0, 3), 0, 0, 0, 0, 0]);
  return [unit, { unit: `${wide.toString()}/48`, factor: wideNetworkFactor }];
}

/** The values of `countRequestArguments`, in their order. `address`: from `rateLimitKey`. */
export function countRequestParameters(
  limits: readonly LimitName[],
  address: string,
  { ring, policy }: { readonly ring: KeyRing; readonly policy: Policy },
): [keys: string[], maxima: number[], periodsMs: number[], nowMs: number] {
  const counted = unitsOf(address).flatMap(({ unit, factor }) => {
    const digest = addressDigest(ring, unit);
    return limits.map((limit) => ({ key: `${limit}:${digest}`, factor, ...policyOf[limit](policy) }));
  });
  return [
    counted.map(({ key }) => key),
    counted.map(({ max, factor }) => max * factor),
    counted.map(({ per }) => lengthMs(per)),
    Date.now(),
  ];
}

/** The limit that a counted request has exceeded, if any. */
export function limitReached(
  limits: readonly LimitName[],
  { exceeded, isFirst, untilMs }: RequestCountRow,
): LimitReached | undefined {
  // All limits of one unit, then all of the next.
  const limit = exceeded === null ? undefined : limits[(exceeded - 1) % limits.length];
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
  const { rows } = await dependencies.db.pool.query<RequestCountRow>({
    name: 'count-request',
    text: `SELECT ${requestCountColumns} FROM count_request(${countRequestArguments})`,
    values: countRequestParameters(limits, rateLimitKey(origin.address), dependencies),
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
  const address = rateLimitKey(origin.address);
  const [keys, maxima, , nowMs] = countRequestParameters([limit], address, dependencies);
  const { rowCount } = await dependencies.db.pool.query({
    name: 'limit-spent',
    text: `
      SELECT 1 FROM limiter_row JOIN unnest($1::text[], $2::int[]) AS counted (key, max) USING (key)
      WHERE points >= max AND expire > $3`,
    values: [keys, maxima, nowMs],
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
