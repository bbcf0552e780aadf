import type { Request, Response } from 'express';
import type { ApiClient } from '../../client/client.ts';
import { gatewayClient } from '../../client/gateway-client.ts';
import { type Language, languageFrom } from '../../domain/languages.ts';
import type { GatewaySettings } from '../../platform/config.ts';
import type { FormError } from '../../web/forms/form-errors.ts';
import type { FormRequest } from '../../web/forms/submit-form.ts';
import type { BrowserTokens } from '../../web/http/known-browser.ts';
import { newNonce, type SealedBox } from '../../web/http/sealed-box.ts';
import {
  clearSealedEntry,
  readSealedCookie,
  readSealedEntry,
  writeSealedEntry,
} from '../../web/http/sealed-cookie.ts';
import { permitFormAction } from '../../web/http/security-headers.ts';
import { pageData } from '../../web/views/page-data.ts';
import { richText } from '../../web/views/rich-text.ts';
import type { Render } from '../../web/views/templates.ts';
import { type Translate, wordings } from '../../web/views/wording.ts';
import { browserCookie, certificateVisitCookie, languageCookie } from './flow-cookies.ts';

/** What every request for a page needs, created once. */
export interface PageDependencies {
  readonly settings: Pick<
    GatewaySettings,
    'API_URL' | 'CERTIFICATE_URL' | 'GATEWAY_KEY' | 'GATEWAY_URL' | 'PORTAL_URL'
  >;
  readonly sealedBox: SealedBox;
  readonly csrfToken: (request: Request, response: Response) => string;
  /** The address of a file that front-ends share, with the version of all of them. */
  readonly asset: (name: string) => string;
  readonly render: Render;
}

interface PageData {
  readonly errors?: readonly FormError[];
  readonly [name: string]: unknown;
}

/** Pages of the portal that lead back to the identification. */
const pagesThatLeadBack: readonly string[] = ['password-reset', 'activation'];

/** One request for a page of the gateway: its language and form, a client of the API, and the response. */
export class FlowRequest implements FormRequest {
  readonly language: Language;
  readonly t: Translate;
  readonly api: ApiClient;
  /** The tokens by which the API knows this browser, in the cookies of the gateway. */
  readonly browserTokens: BrowserTokens;
  /** The id of the identification, to which pages of the portal lead back. */
  readonly #identification: string | undefined;
  readonly #dependencies: PageDependencies;
  readonly #request: Request;
  readonly #response: Response;

  /** `preferred`: the language that the relying party asked for; the one chosen on a page goes before it. */
  constructor(
    dependencies: PageDependencies,
    request: Request,
    response: Response,
    { preferred, identification }: { preferred?: Language | undefined; identification?: string } = {},
  ) {
    const chosen = readSealedCookie(languageCookie, request, dependencies.sealedBox);
    this.language = chosen ?? preferred ?? languageFrom(request.get('Accept-Language'));
    this.t = wordings[this.language];
    this.#identification = identification;
    this.#dependencies = dependencies;
    this.#request = request;
    this.#response = response;
    const { sealedBox } = dependencies;
    this.browserTokens = {
      idsOf: (nationalId) => sealedBox.digests('gateway-browser', [nationalId]),
      read: (id) => readSealedEntry(browserCookie, id, request, sealedBox),
      write: (id, token) => void writeSealedEntry(browserCookie, id, token, request, response, sealedBox),
      clear: (id) => clearSealedEntry(browserCookie, id, response),
    };
    this.api = gatewayClient(dependencies.settings, {
      language: this.language,
      address: request.ip ?? '',
      userAgent: request.get('User-Agent') ?? '',
    });
  }

  get here(): string {
    return `${this.#request.baseUrl}${this.#request.path}`;
  }

  /** A field of the submitted form; empty if it is absent. */
  field(name: string): string {
    const value = (this.#request.body as Record<string, unknown> | undefined)?.[name];
    return typeof value === 'string' ? value : '';
  }

  /** As in the portal: a double click or a reload repeats the key, other values make another request. */
  idempotencyKey(...parts: string[]): string {
    return this.#dependencies.sealedBox.digest('gateway-form', [this.field('nonce') || newNonce(), ...parts]);
  }

  /** A key that is the same in every tab and after every reload. */
  sameIdempotencyKey(...parts: string[]): string {
    return this.#dependencies.sealedBox.digest('gateway-form', parts);
  }

  /** Redirects with 303, so that a reload of the target does not repeat the POST. */
  redirect(address: string): void {
    this.#response.redirect(303, address);
  }

  /** Whether the page's script asks, and not the browser for a page. */
  get wantsJson(): boolean {
    return this.#request.accepts(['html', 'json']) === 'json';
  }

  json(body: object): void {
    this.#response.json(body);
  }

  /**
   * Permits the forms of this page to lead to the certificate listener, where each visit has a host name of its own below the
   * listener's.
   */
  permitFormsToCertificates(): void {
    const { protocol, host } = new URL(this.#dependencies.settings.CERTIFICATE_URL);
    permitFormAction(this.#response, `${protocol}//${host} ${protocol}//*.${host}`);
  }

  /** To where the certificate listener sends browsers back. */
  get certificateReturnUrl(): string {
    return `${this.#dependencies.settings.GATEWAY_URL}/certificate`;
  }

  /** Keeps which identification a visit to the certificate listener belongs to. */
  keepCertificateVisit(ticket: string, identification: string): void {
    const { sealedBox } = this.#dependencies;
    writeSealedEntry(
      certificateVisitCookie,
      ticket,
      identification,
      this.#request,
      this.#response,
      sealedBox,
    );
  }

  /** Responds with a page: a template, filled in with `data` and with what every template may use. */
  render(template: string, data: PageData = {}, status = 200): void {
    const { language } = this;
    const { render, csrfToken, asset } = this.#dependencies;
    const page = (name: string) => this.#addressInPortal(name);
    const html = render(template, {
      ...pageData(language, data.errors),
      status,
      here: this.here,
      asset,
      page,
      rich: (text: string) => richText(text, page),
      csrf: csrfToken(this.#request, this.#response),
      nonce: newNonce(),
      cspNonce: this.#response.locals['cspNonce'],
      ...data,
    });
    this.#response
      .status(status)
      .set({ 'Content-Language': language, 'Cache-Control': 'no-store' })
      .type('html')
      .send(html);
  }

  #addressInPortal(name: string): string {
    const back =
      this.#identification && pagesThatLeadBack.includes(name)
        ? `?identification=${encodeURIComponent(this.#identification)}`
        : '';
    const path = name === 'home' ? '' : `/${name}`;
    return `${this.#dependencies.settings.PORTAL_URL}/${this.language}${path}${back}`;
  }
}
