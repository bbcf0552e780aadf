import type { z } from 'zod';
import type { Language } from '../../domain/languages.ts';
import type { ResponseRandomness } from '../../platform/response-randomness.ts';
import type { StoredJourney } from '../citizens/stored-journey.ts';
import type { StoredSession } from '../identification/sessions.ts';
import type { ApiDependencies } from './dependencies.ts';
import type { Problem, ProblemCode } from './problems.ts';

/** The kinds of callers: anyone, an officer with a key, or the holder of the token of a journey or session. */
export interface Callers {
  anyone: undefined;
  officer: { readonly officerId: string };
  journey: StoredJourney;
  session: StoredSession;
}
export type CallerKind = keyof Callers;

/** One request as a route's handler receives it, after all checks (`stages.ts`). */
export interface RequestContext<Body, Caller> {
  readonly body: Body;
  readonly caller: Caller;
  /** All ids, tokens and codes of the response derive from it. */
  readonly randomness: ResponseRandomness;
  /** As in `Reservation` (`idempotency.ts`). */
  readonly mayBeRetry: boolean;
  /** Id of the row of `Request`, which workflows and the audit trail refer to. Not the `X-Request-Id` of the log. */
  readonly requestId: string;
  /** The client's address as rate limits count it (`rateLimitKey`). */
  readonly address: string;
  readonly language: Language;
}

/** The result of a handler: a declared success or a problem. */
export type Reply = { readonly status: number; readonly body: unknown } | Problem;

/** The tags by which the OpenAPI document groups the routes, in its order. */
export const tags = ['Registration office', 'Journeys', 'Sessions', 'Password policy'] as const;

/** One operation of the API: path, checks, documentation and handler. */
export interface Route<Body = unknown, Kind extends CallerKind = CallerKind> {
  readonly method: 'get' | 'post' | 'delete';
  /** Below `/api/v1`, in Express' syntax. */
  readonly path: string;
  readonly summary: string;
  readonly description?: string;
  readonly tag: (typeof tags)[number];
  readonly caller: Kind;
  /** Schema of the JSON body; absent if the route has none. */
  readonly body?: (dependencies: Pick<ApiDependencies, 'policy'>) => z.ZodType<Body>;
  /** Successes by status. Each reply is parsed by its schema, so that an undeclared field cannot leave. */
  readonly replies: Readonly<Record<number, z.ZodType>>;
  /** The route's own problems, in addition to those of every route (`openapi.ts`). */
  readonly problems: readonly ProblemCode[];
  /** Starts a journey or session: limited per address, and its `uniform` problems leave at the refusal time. */
  readonly isStart?: boolean;
  handle(context: RequestContext<Body, Callers[Kind]>, dependencies: ApiDependencies): Promise<Reply>;
}

/** Declares a route. The types of body and caller follow from the declaration. */
export const route = <Body, Kind extends CallerKind>(declared: Route<Body, Kind>): Route =>
  // `stages.ts` parses the body with this route's schema and identifies the caller of this kind.
  declared as unknown as Route;
