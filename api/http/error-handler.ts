import type { ErrorRequestHandler } from 'express';
import { QueueFull } from '../../platform/keyed-queue.ts';
import type { ApiDependencies } from './dependencies.ts';
import { malformed, type Problem, unavailable } from './problems.ts';
import { Refusal } from './refusal.ts';
import { sendProblem } from './send-problem.ts';
import { Unavailable } from './unavailable.ts';

/** Maps a thrown error to a problem: refusals of Express and its parsers to 4xx, everything else to 503. */
export const handleError =
  ({ log }: ApiDependencies): ErrorRequestHandler =>
  (error: unknown, request, response, _next) => {
    const problem = refusalOf(error) ?? unavailable();
    if (problem.problem === 'temporarily-unavailable' && !isExpected(error))
      log.error({ err: error, requestId: response.get('X-Request-Id') }, 'a request failed');
    if (response.headersSent) response.destroy();
    else sendProblem(problem, request, response);
  };

const isExpected = (error: unknown): boolean => error instanceof Unavailable || error instanceof QueueFull;

const problemByStatus: Readonly<Record<number, Problem>> = {
  400: malformed([{ pointer: '', code: 'invalid-format' }]),
  413: { problem: 'payload-too-large' },
  415: { problem: 'unsupported-media-type' },
};

/**
 * The refusal that an error stands for, if it is one of middleware. Express, its router and its body parser set `status` on
 * the errors that the client caused.
 */
export const refusalOf = (error: unknown): Problem | undefined =>
  error instanceof Refusal
    ? error.problem
    : problemByStatus[(error as { status?: number } | null)?.status ?? 0];
