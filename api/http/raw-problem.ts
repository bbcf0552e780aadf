import { randomUUID } from 'node:crypto';
import type { Language } from '../../domain/languages.ts';
import { type Problem, presentProblem } from './problems.ts';

/** A problem response for requests that no middleware has seen, with the headers that the middlewares would set. */
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
