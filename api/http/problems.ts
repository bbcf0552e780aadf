import type { Language } from '../../domain/languages.ts';
import { problemText } from '../../platform/locales.ts';

interface ProblemSpec {
  readonly status: number;
  /**
   * The refusal depends on what is known of the citizen: where it refuses a start (`Route.isStart`) it leaves at a
   * multiple of the policy's `refusalTime`, so that its time says nothing ([ASVS] 6.3.8).
   */
  readonly uniform: boolean;
  /**
   * Writes `call-refused` to the audit trail. True for outcomes of a request that no other event records ([ENS]
   * op.acc.5); false for malformed and out-of-step requests (400, 404, 409, 410), and for 503, which goes to the log,
   * since PostgreSQL may be the one that is away.
   */
  readonly audited: boolean;
}

/**
 * Every problem that the API replies with ([RFC9457]). Each states its three columns: one without them does not
 * compile. Title and detail: `locales/<language>/problems.json`.
 */
export const problems = {
  'malformed-request': { status: 400, uniform: false, audited: false },
  'not-authenticated': { status: 401, uniform: false, audited: false },
  'sign-in-refused': { status: 401, uniform: true, audited: false },
  'password-expired': { status: 403, uniform: false, audited: false },
  'gateway-only': { status: 403, uniform: false, audited: false },
  'service-only': { status: 403, uniform: false, audited: false },
  'wrong-purpose': { status: 403, uniform: false, audited: false },
  'dnie-needed': { status: 403, uniform: false, audited: true },
  'level-not-reached': { status: 403, uniform: false, audited: true },
  'not-found': { status: 404, uniform: false, audited: false },
  'not-registered': { status: 404, uniform: false, audited: true },
  'method-not-allowed': { status: 405, uniform: false, audited: false },
  'request-timeout': { status: 408, uniform: false, audited: false },
  'step-not-expected': { status: 409, uniform: false, audited: false },
  'phone-in-use': { status: 409, uniform: false, audited: true },
  'office-needed': { status: 409, uniform: false, audited: true },
  'phone-yielded': { status: 409, uniform: true, audited: false },
  'registration-act-needed': { status: 409, uniform: false, audited: true },
  suspended: { status: 409, uniform: false, audited: true },
  'reset-needed': { status: 409, uniform: false, audited: true },
  'journey-ended': { status: 410, uniform: false, audited: false },
  'certificate-visit-ended': { status: 410, uniform: false, audited: false },
  'payload-too-large': { status: 413, uniform: false, audited: false },
  'unsupported-media-type': { status: 415, uniform: false, audited: false },
  'activation-data-refused': { status: 422, uniform: true, audited: false },
  'current-password-refused': { status: 422, uniform: false, audited: false },
  'otp-refused': { status: 422, uniform: false, audited: false },
  // Its own event is in the trail: `certificate-refused`.
  'certificate-refused': { status: 422, uniform: false, audited: false },
  'password-refused': { status: 422, uniform: false, audited: true },
  'unknown-relying-party': { status: 422, uniform: false, audited: true },
  'idempotency-key-reused': { status: 422, uniform: false, audited: false },
  'activation-code-blocked': { status: 423, uniform: true, audited: false },
  'too-many-requests': { status: 429, uniform: false, audited: false },
  'headers-too-large': { status: 431, uniform: false, audited: false },
  'temporarily-unavailable': { status: 503, uniform: false, audited: false },
} as const satisfies Readonly<Record<string, ProblemSpec>>;

export type ProblemCode = keyof typeof problems;

/** One invalid field: its JSON Pointer (RFC 6901) and a stable code of the defect. */
export interface FieldProblem {
  readonly pointer: string;
  readonly code: string;
}

/** A refusal as routes return it. Title and detail are added when it is presented, in the caller's language. */
export interface Problem {
  readonly problem: ProblemCode;
  /** Members beside the standard ones: `errors`, `journey`, those of `level-not-reached`. */
  readonly extra?: Readonly<Record<string, unknown>>;
  /** Earliest instant of a retry (ms since the epoch), sent as Retry-After. */
  readonly retryAtMs?: number;
  /** Further headers of the response, such as Allow. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** 503: a dependency is down or the server is overloaded. Retry after five seconds. */
export const unavailable = (): Problem => ({
  problem: 'temporarily-unavailable',
  retryAtMs: Date.now() + 5_000,
});

/** 429: a limit is reached until the given instant (ms since the epoch). */
export const tooMany = (retryAtMs: number): Problem => ({ problem: 'too-many-requests', retryAtMs });

/** 400: the request does not have the declared shape. */
export const malformed = (errors: readonly FieldProblem[]): Problem => ({
  problem: 'malformed-request',
  extra: { errors },
});

/** The `application/problem+json` document of a problem, with its status and headers. */
export function presentProblem(
  { problem, extra, retryAtMs, headers }: Problem,
  language: Language,
): { status: number; body: Record<string, unknown>; headers: Record<string, string> } {
  const { status } = problems[problem];
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
