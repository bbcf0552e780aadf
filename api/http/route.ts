import type { z } from 'zod';
import type { Language } from '../../domain/languages.ts';
import type { ResponseRandomness } from '../../platform/response-randomness.ts';
import type { StoredReceipt } from '../../records/act-receipts.ts';
import type { StoredCertificateIdentification } from '../../records/certificate-identifications.ts';
import type { DeskSession, OfficerKey } from '../../records/desk-sessions.ts';
import type { StoredTicket } from '../certificates/stored-ticket.ts';
import type { StoredJourney } from '../citizens/stored-journey.ts';
import type { BoundSession, StoredSession } from '../identification/sessions.ts';
import type { FrontEnd } from './client-address.ts';
import type { ApiDependencies } from './dependencies.ts';
import type { FieldProblem, Problem, ProblemCode } from './problems.ts';
import type { LimitName, LimitReached } from './rate-limits.ts';
import type { RequestOrigin } from './request-origin.ts';

/**
 * The kinds of callers: anyone, an officer (with a key or the token of a desk session, or with one of the two only), or
 * the holder of the token of a journey or session: of a session of the pages, of one that is bound to a relying party, or of
 * either (docs/adr/0048).
 */
export interface Callers {
  anyone: undefined;
  officer: { readonly officerId: string };
  'officer-key': OfficerKey;
  'desk-session': DeskSession;
  journey: StoredJourney;
  session: StoredSession;
  'bound-session': BoundSession;
  'any-session': StoredSession;
  /** The front-end of a visit to the certificate listener, with the token of its ticket. */
  'certificate-ticket': StoredTicket;
  act: ActCaller;
  'officer-or-act': OfficerCaller | ActCaller;
  'session-or-act': SessionCaller | ActCaller;
  /** The Bearer that did the act whose receipt it asks for. */
  receipt: StoredReceipt;
  'bound-session-or-certificate':
    | { readonly by: 'session'; readonly session: BoundSession }
    | { readonly by: 'certificate'; readonly certificate: StoredCertificateIdentification };
}

/** Who did an act, where more than one kind of caller may. `act`: the holder of a certificate token for one act. */
export interface OfficerCaller {
  readonly by: 'officer';
  readonly officerId: string;
}
export interface SessionCaller {
  readonly by: 'session';
  readonly session: StoredSession;
}
export interface ActCaller {
  readonly by: 'certificate';
  readonly certificate: StoredCertificateIdentification;
}
export type CallerKind = keyof Callers;

/** One request as a route's handler receives it, after all checks (`stages.ts`). */
export interface RequestContext<Body, Caller, Prepared = undefined, Query = undefined> {
  readonly body: Body;
  /** The parameters in the path. */
  readonly params: Readonly<Record<string, string>>;
  /** The parameters in the address, of a route that declares some. */
  readonly query: Query;
  readonly caller: Caller;
  /** What `Route.prepare` has found. */
  readonly prepared: Prepared;
  /** All ids, tokens and codes of the response derive from it. */
  readonly randomness: ResponseRandomness;
  /** As in `Reservation` (`idempotency.ts`). */
  readonly mayBeRetry: boolean;
  /** Id of the row of `Request`, which workflows and the audit trail refer to. Not the `X-Request-Id` of the log. */
  readonly requestId: string;
  /** The client's address as rate limits count it (`rateLimitKey`). */
  readonly address: string;
  /** Whose key the request has, if any. */
  readonly frontEnd: FrontEnd | undefined;
  readonly language: Language;
}

/** The result of a handler: a declared success or a problem. */
export type Reply = { readonly status: number; readonly body: unknown } | Problem;

/** A request as `Route.prepare` receives it. */
export interface Preparation<Body> {
  readonly body: Body;
  /** The id of the row of `Request` to be stored. */
  readonly requestId: string;
  /** Of the route, as that row names it. */
  readonly path: string;
  readonly origin: RequestOrigin;
  /** The limits that are not counted yet. While one is exceeded nothing else is done. */
  readonly uncounted: readonly LimitName[];
}

/** The tags by which the OpenAPI document groups the routes, in its order. */
export const tags = [
  'Registration office',
  'Registration with a certificate',
  'Journeys',
  'Sessions',
  'Certificates',
  'Identification gateway',
  'Certificates',
  'Password policy',
] as const;

/** A part of the service with a key of its own. `front-end`: the pages or the gateway. */
export type ComponentKind = 'front-end' | 'certificate-listener';

/** One operation of the API: path, checks, documentation and handler. */
export interface Route<
  Body = unknown,
  Kind extends CallerKind = CallerKind,
  Prepared = unknown,
  Query = unknown,
> {
  readonly method: 'get' | 'post' | 'delete';
  /** Below `/api/v1`, in Express' syntax. */
  readonly path: string;
  readonly summary: string;
  readonly description?: string;
  readonly tag: (typeof tags)[number];
  readonly caller: Kind;
  /** Schema of the JSON body; absent if the route has none. */
  readonly body?: (dependencies: Pick<ApiDependencies, 'policy'>) => z.ZodType<Body>;
  /** What is wrong with a body for this kind of caller, where more than one may call. */
  bodyErrors?(body: NoInfer<Body>, caller: Callers[Kind]): readonly FieldProblem[];
  /** Schema of the parameters in the address. Those of a route without one are ignored. */
  readonly query?: z.ZodObject & z.ZodType<Query>;
  /** Successes by status. Each reply is parsed by its schema, so that an undeclared field cannot leave. */
  readonly replies: Readonly<Record<number, z.ZodType>>;
  /** The media type of its success, where its body is a file (a Buffer) and not JSON. */
  readonly produces?: 'application/pdf';
  /** The route's own problems, in addition to those of every route (`openapi.ts`). */
  readonly problems: readonly ProblemCode[];
  /**
   * Needs the gateway's key, for every request or for those with such a body: without it 403, before anything is looked up.
   */
  readonly gatewayOnly?: true | ((body: NoInfer<Body>) => boolean);
  /** Needs the key of a front-end, or that of the certificate listener: without it 403, before anything is looked up. */
  readonly onlyFor?: ComponentKind;
  /** The longest body (bytes), where the key of `onlyFor` is given and the usual length is too short. */
  readonly maxBodyBytes?: number;
  /**
   * Is not counted against its address: the gateway sends it for the server of a relying party, through which many citizens
   * come, and limits it itself.
   */
  readonly isUnlimited?: true;
  /** Starts a journey or session: limited per address, and its `uniform` problems leave at the refusal time. */
  readonly isStart?: boolean;
  /**
   * Stores the origin of the request and asks what the work needs first, in one statement; with it the limits are counted
   * where nothing else is asked in between. For the hot path (docs/adr/0033): by default, each is a statement of its own.
   */
  prepare?(
    request: Preparation<NoInfer<Body>>,
    dependencies: ApiDependencies,
  ): Promise<{ readonly prepared: Prepared } | { readonly reached: LimitReached }>;
  /**
   * For a route that ends its caller's session: the reply to a repetition under the Idempotency-Key, if the attempt with this
   * randomness has had its effect. Its caller can no longer be identified.
   */
  replyIfDone?(randomness: ResponseRandomness, dependencies: ApiDependencies): Promise<Reply | undefined>;
  handle(
    context: RequestContext<Body, Callers[Kind], Prepared, Query>,
    dependencies: ApiDependencies,
  ): Promise<Reply>;
}

/** Declares a route. The types of body, caller and preparation follow from the declaration. */
export const route = <Body, Kind extends CallerKind, Prepared = undefined, Query = undefined>(
  declared: Route<Body, Kind, Prepared, Query>,
): Route =>
  // `stages.ts` parses body and query with this route's schemas and identifies the caller of this kind.
  declared as unknown as Route;
