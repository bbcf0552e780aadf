import type { Request, RequestHandler, Response } from 'express';
import type { Logger } from '../../platform/log.ts';
import type { SealedBox } from '../../web/http/sealed-box.ts';
import type { PageDependencies } from './flow-request.ts';
import type { IdentificationRequests, RelyingPartyView } from './identification-request.ts';

/** What a protocol cannot answer to the relying party, since it knows no address of it that is registered. */
export interface ProtocolError {
  readonly status: number;
  /** The standard code of the protocol, such as `invalid_redirect_uri`: for integrators. */
  readonly code: string;
  /** What is wrong, in English: for integrators. It contains nothing that the client has sent. */
  readonly description: string | undefined;
  /** Known if the request names one that is registered. */
  readonly relyingParty: RelyingPartyView | undefined;
}

/** The pages, as the protocols and the application use them. */
export interface FlowPages {
  /** Serves `/identify/…`, and every other page. */
  readonly router: RequestHandler;
  showError(request: Request, response: Response, error: ProtocolError): void;
  /** After a logout that leads back to no registered address. */
  showSignedOut(request: Request, response: Response, relyingParty: RelyingPartyView | undefined): void;
}

/** What the pages are made of. */
export interface FlowPagesOptions {
  readonly settings: PageDependencies['settings'];
  readonly requests: IdentificationRequests;
  /** Seals cookies, with GATEWAY_SECRET_KEY. */
  readonly sealedBox: SealedBox;
  /** The address of a style, script or image. */
  readonly asset: (name: string) => string;
  readonly log: Logger;
}

export type CreateFlowPages = (options: FlowPagesOptions) => FlowPages;
