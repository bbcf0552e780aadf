import { randomUUID } from 'node:crypto';
import type { Language } from '../../domain/languages.ts';
import { type Problem, presentProblem } from './problems.ts';

/** A problem as it is sent where the application's middlewares have not been: with all the headers that they would set. */
export function rawProblem(
  problem: Problem,
  language: Language,
): { status: number; headers: Record<string, string>; text: string } {
  const { status, body, headers } = presentProblem(problem, language);
  const text = JSON.stringify(body);
  return {
    status,
    text,
    headers: {
      ...headers,
      'Content-Type': 'application/problem+json; charset=utf-8',
      'Content-Length': String(Buffer.byteLength(text)),
      'Content-Security-Policy': "default-src 'none';frame-ancestors 'none'",
      'X-Content-Type-Options': 'nosniff',
      'X-Request-Id': randomUUID(),
    },
  };
}
