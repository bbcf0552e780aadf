import { randomUUID } from 'node:crypto';
import type { Request } from 'express';
import { z } from 'zod';
import { languageFrom } from '../../domain/languages.ts';
import { auditRefusal, auditUnidentifiedCaller } from './audited-refusals.ts';
import { bearerDigest, findCaller } from './authentication.ts';
import { frontEndOf, isComponent, isGateway, rateLimitKey } from './client-address.ts';
import type { ApiDependencies } from './dependencies.ts';
import {
  findEarlierAttempt,
  type Reservation,
  reserveIdempotencyKey,
  unkeyedReservation,
} from './idempotency.ts';
import type { Ended, Stage } from './pipeline.ts';
import { type FieldProblem, malformed } from './problems.ts';
import {
  enforceLimits,
  type LimitName,
  refuseIfSpent,
  refuseOverLimit,
  refuseUncounted,
} from './rate-limits.ts';
import { type RequestOrigin, recordRequest } from './request-origin.ts';
import type { CallerKind, Callers, Reply, Route } from './route.ts';
import { fieldProblems } from './validation-problems.ts';

/** A request to a route, before anything of it is checked. */
interface ReceivedRequest {
  readonly route: Route;
  /** The schema of the route's body under the policy; undefined for a route without a body. */
  readonly schema: z.ZodType | undefined;
  readonly request: Request;
  readonly origin: RequestOrigin;
  readonly dependencies: ApiDependencies;
}

interface ShapedRequest extends ReceivedRequest {
  readonly body: unknown;
  readonly query: unknown;
  readonly idempotencyKey: string | undefined;
}

interface CountedRequest extends ShapedRequest {
  /** The limits that the preparation of the route counts. */
  readonly uncounted: readonly LimitName[];
}

interface IdentifiedRequest extends CountedRequest {
  readonly caller: Callers[CallerKind];
}

interface ReservedRequest extends IdentifiedRequest {
  readonly reservation: Extract<Reservation, { kind: 'reserved' }>;
}

interface PreparedRequest extends ReservedRequest {
  readonly requestId: string;
  readonly prepared: unknown;
}

const end = (reply: Reply): Ended => ({ reply });

/** A route without a body accepts none, or an empty object. */
const noBody = z.union([z.undefined(), z.strictObject({})]);

/**
 * Shape: body and query match the route's schemas and the Idempotency-Key is well-formed, otherwise 400; what only the gateway
 * or another part of the service may ask has its key, otherwise 403. What is refused here counts as a request, but not as a start.
 */
export const checkShape: Stage<ReceivedRequest, ShapedRequest> = async (received) => {
  const { route, request, schema, origin, dependencies } = received;
  const refuse = async (errors: readonly FieldProblem[]) =>
    end(await refuseUncounted(malformed(errors), origin, dependencies));
  const parsed = (schema ?? noBody).safeParse(request.body ?? (schema ? {} : undefined), {
    reportInput: true,
  });
  if (!parsed.success) return refuse(fieldProblems(parsed.error));
  const query = route.query?.safeParse(request.query, { reportInput: true });
  if (query?.error) return refuse(fieldProblems(query.error, '/query'));
  const idempotencyKey = request.method === 'POST' ? request.get('Idempotency-Key') : undefined;
  if (idempotencyKey !== undefined && !/^[\x20-\x7e]{1,255}$/.test(idempotencyKey))
    return refuse([{ pointer: '/headers/Idempotency-Key', code: 'invalid-format' }]);
  if (needsGateway(route, parsed.data) && !isGateway(request, dependencies.settings))
    return end(await refuseUncounted({ problem: 'gateway-only' }, origin, dependencies));
  if (route.onlyFor && !isComponent[route.onlyFor](request, dependencies.settings))
    return end(await refuseUncounted({ problem: 'service-only' }, origin, dependencies));
  return { ...received, body: parsed.data, query: query?.data, idempotencyKey };
};

const needsGateway = ({ gatewayOnly }: Route, body: unknown): boolean =>
  typeof gatewayOnly === 'function' ? gatewayOnly(body) : gatewayOnly === true;

/**
 * Limits: a request counts against its address, and a start as such too, otherwise 429. An unkeyed request of anyone to a
 * route with `prepare` leaves the count to that statement; any other is counted here.
 */
export const countRequest: Stage<ShapedRequest, CountedRequest> = async (shaped) => {
  const { route, origin, idempotencyKey, dependencies } = shaped;
  if (route.isUnlimited) return { ...shaped, uncounted: [] };
  const limits: readonly LimitName[] = route.isStart ? ['requests', 'starts'] : ['requests'];
  if (route.prepare && route.caller === 'anyone' && idempotencyKey === undefined)
    return { ...shaped, uncounted: limits };
  const limited = await enforceLimits(limits, route.path, origin, dependencies);
  return limited ? end(limited) : { ...shaped, uncounted: [] };
};

/**
 * Caller: identified by the Bearer token, otherwise 401 or 404; with the body that such a caller sends, otherwise 400. An invalid officer's key counts against its address, and is
 * audited ([ENS] op.acc.5). The limit is asked before the key: beyond it the right one is refused too, so that guessing
 * ends there. A repetition of what has ended the caller's session gets its reply.
 */
export const identifyCaller: Stage<CountedRequest, IdentifiedRequest> = async (shaped) => {
  const { route, request, origin, dependencies } = shaped;
  const isOfficersKey = route.caller.startsWith('officer') && bearerDigest(request) !== undefined;
  const spent = isOfficersKey && (await refuseIfSpent('officer-keys', route.path, origin, dependencies));
  if (spent) return end(spent);
  const found = await findCaller(route.caller, request, dependencies);
  if (!('problem' in found)) {
    const errors = route.bodyErrors?.(shaped.body, found.caller) ?? [];
    return errors.length > 0 ? end(malformed(errors)) : { ...shaped, caller: found.caller };
  }
  const repeated = await replyAfterSession(shaped);
  if (repeated) return end(repeated);
  if (!isOfficersKey) return end(found);
  const limited = await enforceLimits(['officer-keys'], route.path, origin, dependencies);
  if (limited) return end(limited);
  await auditUnidentifiedCaller(dependencies, { type: 'officer-refused' }, route.path, origin);
  return end({ problem: 'not-authenticated' });
};

/** The reply to a repetition of a request that has ended the session of its caller (`Route.replyIfDone`). */
async function replyAfterSession({
  route,
  request,
  idempotencyKey,
  dependencies,
}: CountedRequest): Promise<Reply | undefined> {
  const credential = bearerDigest(request);
  if (!route.replyIfDone || idempotencyKey === undefined || credential === undefined) return undefined;
  const { path, body } = request;
  const earlier = await findEarlierAttempt(dependencies, { idempotencyKey, credential, path, body });
  switch (earlier?.kind) {
    case undefined:
      return undefined;
    case 'answered':
      return earlier.reply;
    case 'other-body':
      return { problem: 'idempotency-key-reused' };
    case 'unanswered':
      return route.replyIfDone(earlier.randomness, dependencies);
  }
}

/** Repetition: the stored reply of the same Idempotency-Key and body, or a reservation of the key. */
export const reserveReply: Stage<IdentifiedRequest, ReservedRequest> = async (identified) => {
  const { request, idempotencyKey, dependencies } = identified;
  const reservation =
    idempotencyKey === undefined
      ? unkeyedReservation()
      : await reserveIdempotencyKey(dependencies, {
          idempotencyKey,
          credential: bearerDigest(request),
          path: request.path,
          body: request.body,
        });
  if (reservation.kind === 'answered') return end(reservation.reply);
  if (reservation.kind === 'other-body') return end({ problem: 'idempotency-key-reused' });
  return { ...identified, reservation };
};

/**
 * Preparation: the origin of the request is stored. A route may do it itself, in one statement with what its work needs to
 * know first. Only an unkeyed request still has limits to count, so there is no reservation to release.
 */
export const prepareWork: Stage<ReservedRequest, PreparedRequest> = async (reserved) => {
  const { route, request, origin, body, uncounted, reservation, dependencies } = reserved;
  const requestId = randomUUID();
  try {
    if (!route.prepare) {
      if (request.method !== 'GET') await recordRequest(dependencies, requestId, route.path, origin);
      return { ...reserved, requestId, prepared: undefined };
    }
    const { path } = route;
    const result = await route.prepare({ body, requestId, path, origin, uncounted }, dependencies);
    if (!('reached' in result)) return { ...reserved, requestId, ...result };
    return end(await refuseOverLimit(result.reached, route.path, origin, dependencies));
  } catch (error) {
    await reservation.release();
    throw error;
  }
};

/** Work: the route's handler. Its refusals are audited and its reply is stored under the Idempotency-Key. */
export const handleRequest: Stage<PreparedRequest, Ended> = async (ready) => {
  const { route, request, origin, body, query, reservation, requestId, prepared, dependencies } = ready;
  // The first attempt may have changed the caller's row since it was read.
  const found = reservation.mayBeRetry
    ? await findCaller(route.caller, request, dependencies)
    : { caller: ready.caller };
  if ('problem' in found)
    return end((await route.replyIfDone?.(reservation.randomness, dependencies)) ?? found);
  const { caller } = found;
  const context = {
    body,
    params: request.params as Record<string, string>,
    query,
    caller,
    prepared,
    requestId,
    address: rateLimitKey(origin.address),
    frontEnd: frontEndOf(request, dependencies.settings),
    randomness: reservation.randomness,
    mayBeRetry: reservation.mayBeRetry,
    language: languageFrom(request.get('Accept-Language')),
  };
  try {
    const reply = await route.handle(context, dependencies);
    if ('problem' in reply) await auditRefusal(dependencies, reply, { route, caller, requestId });
    return end(await stored(reply));
  } catch (error) {
    await reservation.release();
    throw error;
  }

  /** A reply to what is done is sent, also if it cannot be kept: its repetition finds what was done. */
  async function stored(reply: Reply): Promise<Reply> {
    try {
      return await reservation.store(reply);
    } catch (error) {
      dependencies.log.warn({ err: error }, 'a reply could not be kept for repetitions');
      await reservation.release().catch(() => {});
      return reply;
    }
  }
};
