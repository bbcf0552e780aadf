import type { Request, Response } from 'express';
import type { Level, Means } from '../../domain/assurance.ts';
import type { Language } from '../../domain/languages.ts';

/** Protocols by which a relying party asks. */
export type Protocol = 'oidc' | 'saml';

/** What the pages show and decide about a relying party: its row of the registry, without keys and addresses. */
export interface RelyingPartyView {
  readonly id: string;
  /** In Spanish at least. */
  readonly name: Readonly<Partial<Record<Language, string>> & { es: string }>;
  readonly organisation: string;
  /** The host to which the citizen goes back. */
  readonly host: string;
  /** Its home page, for pages that end without a way back. */
  readonly homeUrl: string;
  readonly shortName: string;
  /** The means that it offers; every one if undefined. */
  readonly means: readonly string[] | undefined;
  /** The attributes that it gets: `nif`, `profile`, `email`, `phone`, `registration_level`. */
  readonly attributes: readonly string[];
  readonly floor: Level;
}

/** A request of a relying party for an identification, whatever the protocol. */
export interface IdentificationRequest {
  /** Opaque, in the addresses of the pages: `/identify/<id>` and below. It opens nothing without the browser's cookie. */
  readonly id: string;
  readonly protocol: Protocol;
  readonly relyingParty: RelyingPartyView;
  /** The higher of the level that was asked for and the relying party's own. */
  readonly floor: Level;
  readonly startedAt: Date;
  readonly expiresAt: Date;
  /** What the relying party asked for by `ui_locales`, if it is one of ours. */
  readonly language: Language | undefined;
  /**
   * Once it has ended, and until the browser has followed it: the address that leads back. A page links to it; a form never
   * leads there (docs/adr/0056).
   */
  readonly continueAt: string | undefined;
}

/** What the API answered to POST /identifications. */
export interface CompletedIdentification {
  readonly identificationId: string;
  readonly level: Level;
  readonly means: Means;
  /** Until when its attributes can be read. */
  readonly expiresAt: string;
  /** Whom it is for, under which subject, and since when. Where they are not known they are read from the API. */
  readonly relyingParty?: string;
  readonly subject?: string;
  readonly at?: string;
}

/**
 * Why a request ends without an identification. Each protocol has a standard code for it: `cancelled` is `access_denied`,
 * `level-not-available` is `unmet_authentication_requirements`, `timed-out` and `unavailable` are `temporarily_unavailable`.
 */
export const failures = ['cancelled', 'level-not-available', 'timed-out', 'unavailable'] as const;
export type Failure = (typeof failures)[number];

/**
 * The seam between the protocols and the pages: a protocol starts requests by a redirect to `/identify/<id>`; the pages
 * find them, and end each of them once. What ends a request answers with a redirect (303) to its own address, whose page leads
 * back.
 */
export interface IdentificationRequests {
  /** Undefined if there is none, if it has expired or is over, or if another browser asks. Writes nothing. */
  find(request: Request, response: Response, id: string): Promise<IdentificationRequest | undefined>;
  /**
   * Ends a request with an identification. The level is read from the API: one below the floor is answered to the relying
   * party as a failure. A repetition changes nothing.
   */
  succeed(
    request: Request,
    response: Response,
    identificationRequest: IdentificationRequest,
    identification: CompletedIdentification,
  ): Promise<void>;
  /** Ends a request without an identification. */
  fail(
    request: Request,
    response: Response,
    identificationRequest: IdentificationRequest,
    failure: Failure,
  ): Promise<void>;
}

/** The address of the first page of a request; pages below it add a segment. */
export const addressOfRequest = (id: string): string => `/identify/${id}`;
