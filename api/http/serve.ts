import type { Request, RequestHandler, Response } from 'express';
import { lengthMs } from '../../domain/durations.ts';
import type { ApiDependencies } from './dependencies.ts';
import { pipeline } from './pipeline.ts';
import { problems } from './problems.ts';
import { refusalLeavesAtMs } from './refusal-time.ts';
import { originOf } from './request-observer.ts';
import type { Reply, Route } from './route.ts';
import { sendProblem } from './send-problem.ts';
import {
  checkShape,
  countRequest,
  handleRequest,
  identifyCaller,
  prepareWork,
  reserveReply,
} from './stages.ts';

/**
 * The stages of every request, in order: shape, limits, caller, repetition, preparation, work. The first that ends it gives
 * the reply, which `present` sends.
 */
const replyTo = pipeline(checkShape, countRequest, identifyCaller, reserveReply, prepareWork, handleRequest);

/** The Express handler of a route. */
export function serve(route: Route, dependencies: ApiDependencies): RequestHandler {
  const schema = route.body?.(dependencies);
  return async (request, response) => {
    // Measured once the body is read, not from the headers: otherwise a client that holds the body back could choose at
    // which point of the refusal period the work falls.
    const readAtMs = dependencies.timer.now();
    const origin = originOf(request, response);
    const reply = await replyTo({ route, schema, request, origin, dependencies });
    if (route.isStart && isUniform(reply)) await untilRefusalTime(readAtMs, dependencies);
    present(reply, route, dependencies, request, response);
  };
}

const isUniform = (reply: Reply): boolean => 'problem' in reply && problems[reply.problem].uniform;

/** Waits until a uniform refusal of a request that was read at an instant (ms of the timer) may leave. */
function untilRefusalTime(readAtMs: number, { policy, timer }: ApiDependencies): Promise<void> {
  const decidedAtMs = timer.now();
  const periodMs = lengthMs(policy.refusalTime);
  return timer.wait(refusalLeavesAtMs({ readAtMs, decidedAtMs, periodMs }) - decidedAtMs);
}

/** Presentation: sends a problem document, or a success whose body passes the schema that the route declares for it. */
function present(
  reply: Reply,
  route: Route,
  { metrics }: ApiDependencies,
  request: Request,
  response: Response,
): void {
  if ('problem' in reply) {
    sendProblem(reply, request, response);
    metrics.problems.inc({ route: route.path, code: reply.problem });
    return;
  }
  const schema = route.replies[reply.status];
  if (!schema) throw new Error(`${route.path} replied ${reply.status}, which it does not declare`);
  const body = schema.parse(reply.body);
  if (body === undefined) response.status(reply.status).end();
  else if (route.produces) response.status(reply.status).type(route.produces).send(body);
  else response.status(reply.status).json(body);
}
