import type { Language } from '../../domain/languages.ts';
import { problemText } from '../../platform/locales.ts';

/** Every problem the API answers with (RFC 9457), and its status. The words: `locales/<language>/problems.json`. */
export const problems = {
  'malformed-request': 400,
  'not-authenticated': 401,
  'sign-in-refused': 401,
  'password-expired': 403,
  'not-found': 404,
  'not-registered': 404,
  'method-not-allowed': 405,
  'request-timeout': 408,
  'step-not-expected': 409,
  'phone-in-use': 409,
  'registration-act-needed': 409,
  'journey-ended': 410,
  'payload-too-large': 413,
  'unsupported-media-type': 415,
  'activation-data-refused': 422,
  'current-password-refused': 422,
  'otp-refused': 422,
  'password-refused': 422,
  'idempotency-key-reused': 422,
  'activation-code-blocked': 423,
  'too-many-requests': 429,
  'headers-too-large': 431,
  'temporarily-unavailable': 503,
} as const;

export type ProblemCode = keyof typeof problems;

/** What is wrong with one field: where it is (JSON Pointer, RFC 6901) and what, as a code. */
export interface FieldProblem {
  readonly pointer: string;
  readonly code: string;
}

/** A refusal as routes return it; the words come when it is presented, in the caller's language. */
export interface Problem {
  readonly problem: ProblemCode;
  /** Members beside the standard ones: `errors`, `journey`. */
  readonly extra?: Readonly<Record<string, unknown>>;
  /** From when on it may be tried again (ms since the epoch), for Retry-After. */
  readonly retryAtMs?: number;
  /** Headers that go with the status, such as Allow. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** A dependency is down or the server is full: come again in a moment. */
export const unavailable = (): Problem => ({
  problem: 'temporarily-unavailable',
  retryAtMs: Date.now() + 5_000,
});

/** Too much or too early: come again then. */
export const tooMany = (retryAtMs: number): Problem => ({ problem: 'too-many-requests', retryAtMs });

/** A request that is not of the declared shape. */
export const malformed = (errors: readonly FieldProblem[]): Problem => ({
  problem: 'malformed-request',
  extra: { errors },
});

/** The document of a problem (`application/problem+json`) and the headers that go with it. */
export function presentProblem(
  { problem, extra, retryAtMs, headers }: Problem,
  language: Language,
): { status: number; body: Record<string, unknown>; headers: Record<string, string> } {
  const status = problems[problem];
  const retry = retryAtMs === undefined ? {} : { 'Retry-After': secondsUntil(retryAtMs) };
  const challenge = status === 401 ? { 'WWW-Authenticate': 'Bearer' } : {};
  return {
    status,
    body: {
      type: `urn:clave:problem:${problem}`,
      code: problem,
      status,
      ...problemText(problem, language),
      ...extra,
    },
    headers: {
      'Cache-Control': 'no-store',
      'Content-Language': language,
      ...retry,
      ...challenge,
      ...headers,
    },
  };
}

const secondsUntil = (instantMs: number): string =>
  String(Math.max(1, Math.ceil((instantMs - Date.now()) / 1_000)));
