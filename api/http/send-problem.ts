import type { Request, Response } from 'express';
import { languageFrom } from '../../domain/languages.ts';
import { type Problem, presentProblem } from './problems.ts';

/** Sends a problem document in the language of the request. */
export function sendProblem(problem: Problem, request: Request, response: Response): void {
  const { status, body, headers } = presentProblem(problem, languageFrom(request.get('Accept-Language')));
  response.status(status).set(headers).type('application/problem+json').send(JSON.stringify(body));
}
