import { setTimeout as sleep } from 'node:timers/promises';
import type { Request, RequestHandler, Response } from 'express';
import { z } from 'zod';
import { lengthMs } from '../../domain/durations.ts';
import { languageFrom } from '../../domain/languages.ts';
import { ResponseRandomness } from '../../platform/response-randomness.ts';
import {
  auditRefusal,
  auditUnknownCaller,
  consumeLimit,
  type RequestOrigin,
  recordRequest,
} from './audited-refusals.ts';
import { bearerDigest, findCaller } from './authentication.ts';
import { rateLimitKey } from './client-address.ts';
import type { ApiDependencies } from './dependencies.ts';
import { reserveIdempotencyKey, unkeyedReservation } from './idempotency.ts';
import { malformed, type Problem, presentProblem } from './problems.ts';
import type { Reply, Route } from './route.ts';
import { fieldProblems } from './validation-problems.ts';

/** What the first middlewares noted of a request. */
export interface RequestLocals {
  arrivedAt: number;
  address: string;
}

/**
 * The one path of every request through the API: shape, limits, caller, repetition, work, presentation, in this order,
 * so that nothing is asked of a dependency for a request that is refused without.
 */
export function serve(route: Route, dependencies: ApiDependencies): RequestHandler {
  const body = route.body?.(dependencies);
  return async (request, response) => {
    // From here, not from the headers: who holds the body back must not choose where in the period an answer falls.
    const readAt = performance.now();
    const answer = await answerTo(route, body, request, response, dependencies);
    if (route.isStart && 'problem' in answer && isAboutData(answer))
      await untilRefusalTime(readAt, dependencies);
    present(route, answer, request, response, dependencies);
  };
}

export const requestLocals = (response: Response): RequestLocals => response.locals as RequestLocals;

async function answerTo(
  route: Route,
  schema: z.ZodType | undefined,
  request: Request,
  response: Response,
  dependencies: ApiDependencies,
): Promise<Reply> {
  const { address, arrivedAt } = requestLocals(response);
  const parsed = (schema ?? noBody).safeParse(request.body ?? (schema ? {} : undefined), {
    reportInput: true,
  });
  if (!parsed.success) return malformed(fieldProblems(parsed.error));
  const idempotencyKey = request.method === 'POST' ? request.get('Idempotency-Key') : undefined;
  if (idempotencyKey !== undefined && !/^[\x20-\x7e]{1,255}$/.test(idempotencyKey))
    return malformed([{ pointer: '/headers/Idempotency-Key', code: 'invalid-format' }]);

  const origin = { address, userAgent: request.get('User-Agent') ?? '' };
  if (route.isStart) {
    const limited = await consumeLimit('starts', route.path, origin, dependencies);
    if (limited) return limited;
  }
  const found = await findCaller(route.caller, request, dependencies);
  if ('problem' in found) {
    const isKeyTried = route.caller === 'officer' && bearerDigest(request) !== undefined;
    return isKeyTried ? refuseKey(route, origin, dependencies) : found;
  }

  const { path } = request;
  const reserved =
    idempotencyKey === undefined
      ? unkeyedReservation()
      : await reserveIdempotencyKey(dependencies, {
          idempotencyKey,
          credential: bearerDigest(request) ?? '',
          path,
          body: request.body,
        });
  if (reserved.kind === 'answered') return reserved.answer;
  if (reserved.kind === 'other-body') return { problem: 'idempotency-key-reused' };

  const requestId = new ResponseRandomness().uuid('request');
  if (request.method !== 'GET') await recordRequest(dependencies, requestId, route.path, origin);
  // What the first try has changed meanwhile is seen by the second.
  const caller = reserved.mayBeRepeated ? await findCaller(route.caller, request, dependencies) : found;
  if ('problem' in caller) return caller;
  const context = {
    ...{ body: parsed.data, caller: caller.caller, requestId, arrivedAt, address: rateLimitKey(address) },
    randomness: reserved.randomness,
    mayBeRetry: reserved.mayBeRepeated,
    language: languageFrom(request.get('Accept-Language')),
  };
  try {
    const answer = await route.handle(context, dependencies);
    if ('problem' in answer)
      await auditRefusal(dependencies, answer, { route, caller: caller.caller, requestId });
    return await reserved.keep(answer);
  } catch (error) {
    await reserved.giveUp();
    throw error;
  }
}

/** Who tries officers' keys is limited like who tries citizens' codes, and seen ([ENS] op.acc.5). */
async function refuseKey(
  { path }: Route,
  origin: RequestOrigin,
  dependencies: ApiDependencies,
): Promise<Problem> {
  const limited = await consumeLimit('starts', path, origin, dependencies);
  if (limited) return limited;
  await auditUnknownCaller(dependencies, { type: 'officer-refused' }, path, origin);
  return { problem: 'not-authenticated' };
}

/** A route without a body takes none, or an empty object. */
const noBody = z.union([z.undefined(), z.strictObject({})]);

/** Refusals that depend on what is known of the citizen. */
const isAboutData = ({ problem }: Problem): boolean =>
  ['activation-data-refused', 'activation-code-blocked', 'sign-in-refused'].includes(problem);

/** Every refusal of a start leaves at a multiple of one time after it was read, so that its time says nothing. */
async function untilRefusalTime(readAt: number, { policy }: ApiDependencies): Promise<void> {
  const period = lengthMs(policy.refusalTime);
  const elapsed = performance.now() - readAt;
  await sleep(Math.ceil(elapsed / period) * period - elapsed);
}

function present(
  route: Route,
  answer: Reply,
  request: Request,
  response: Response,
  dependencies: ApiDependencies,
): void {
  if ('problem' in answer) {
    sendProblem(answer, request, response);
    dependencies.metrics.problems.inc({ route: route.path, code: answer.problem });
    return;
  }
  const schema = route.replies[answer.status];
  if (!schema) throw new Error(`${route.path} answered ${answer.status}, which it does not declare`);
  const body = schema.parse(answer.body);
  if (body === undefined) response.status(answer.status).end();
  else response.status(answer.status).json(body);
}

/** Answers with a problem document in the caller's language. */
export function sendProblem(problem: Problem, request: Request, response: Response): void {
  const { status, body, headers } = presentProblem(problem, languageFrom(request.get('Accept-Language')));
  response.status(status).set(headers).type('application/problem+json').send(JSON.stringify(body));
}
