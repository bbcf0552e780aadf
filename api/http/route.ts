import type { z } from 'zod';
import type { Language } from '../../domain/languages.ts';
import type { ResponseRandomness } from '../../platform/response-randomness.ts';
import type { StoredJourney } from '../citizens/stored-journey.ts';
import type { OpenSession } from '../identification/sessions.ts';
import type { ApiDependencies } from './dependencies.ts';
import type { Problem, ProblemCode } from './problems.ts';

/** Who may call: anyone, an officer with a key, or the browser that holds the token of a journey or session. */
export interface Callers {
  anyone: undefined;
  officer: { readonly officerId: string };
  journey: StoredJourney;
  session: OpenSession;
}
export type CallerKind = keyof Callers;

/** One request as a route sees it: checked, limited, and with its caller known. */
export interface RequestContext<Body, Caller> {
  readonly body: Body;
  readonly caller: Caller;
  /** The randomness of this answer: all its ids, tokens and codes derive from it. */
  readonly randomness: ResponseRandomness;
  /** The request came before, under the same Idempotency-Key, and its answer is not known to have been given. */
  readonly mayBeRetry: boolean;
  /** The row of `Request`; its id goes on to workflows and the audit trail. */
  readonly requestId: string;
  /** From where the call came, as limits count it. */
  readonly address: string;
  /** `performance.now()` at its arrival. */
  readonly arrivedAt: number;
  readonly language: Language;
}

/** What a route returns: a declared success or a problem. */
export type Reply = { readonly status: number; readonly body: unknown } | Problem;

/** A route: one place for its address, its checks, its documentation and its work. */
export interface Route<Body = unknown, Kind extends CallerKind = CallerKind> {
  readonly method: 'get' | 'post' | 'delete';
  /** Below `/api/v1`, as Express writes it. */
  readonly path: string;
  readonly summary: string;
  readonly description?: string;
  readonly tag: 'Registration office' | 'Journeys' | 'Sessions' | 'Password policy';
  readonly caller: Kind;
  /** The JSON body that it takes; without one it takes none. */
  readonly body?: (dependencies: Pick<ApiDependencies, 'policy'>) => z.ZodType<Body>;
  /** The successes, each with the schema that its answer is held to: nothing undeclared leaves. */
  readonly replies: Readonly<Record<number, z.ZodType>>;
  /** The problems of its own, beside those of every route. */
  readonly problems: readonly ProblemCode[];
  /** Begins a journey: limited per address, and refused in a time that says nothing. */
  readonly isStart?: boolean;
  handle(context: RequestContext<Body, Callers[Kind]>, dependencies: ApiDependencies): Promise<Reply>;
}

/** Declares a route; the types of its body and caller follow from the declaration. */
export const route = <Body, Kind extends CallerKind>(declared: Route<Body, Kind>): Route =>
  // The body was parsed by the route's own schema and the caller found as the route asks: `serve.ts` sees to both.
  declared as unknown as Route;
