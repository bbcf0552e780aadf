import type { Request, RequestHandler, Response } from 'express';
import type { ApiClient } from '../../client/client.ts';
import { frontEndClient } from '../../client/front-end-client.ts';
import { phoneInGroups } from '../../domain/identity/phone-groups.ts';
import { type Language, languages } from '../../domain/languages.ts';
import type { PortalSettings } from '../../platform/config.ts';
import type { Purpose } from '../../platform/secrets.ts';
import type { FormError } from '../../web/forms/form-errors.ts';
import { newNonce, type SealedBox } from '../../web/http/sealed-box.ts';
import {
  clearSealedCookie,
  clearSealedEntry,
  clearSealedFamily,
  readSealedCookie,
  readSealedEntry,
  type SealedCookie,
  type SealedCookieFamily,
  writeSealedCookie,
  writeSealedEntry,
} from '../../web/http/sealed-cookie.ts';
import { pageData } from '../../web/views/page-data.ts';
import { richText } from '../../web/views/rich-text.ts';
import type { Render } from '../../web/views/templates.ts';
import { type Translate, wordings } from '../../web/views/wording.ts';
import { pathOf } from '../http/canonical-path.ts';
import { addressOfJourney, addressOfPage, headerPages, type PageName, pagesIn } from '../pages.ts';
import {
  type CookieName,
  type CookieValue,
  cookieFamilies,
  cookies,
  type EntryValue,
  type FamilyName,
  type StoredCredential,
} from './cookies.ts';
import { addressOfIdentification } from './identification-return.ts';

/** What every request needs, created once by `createPortal`. */
export interface PortalDependencies {
  readonly settings: PortalSettings;
  readonly sealedBox: SealedBox;
  readonly render: Render;
  readonly csrfToken: (request: Request, response: Response) => string;
  /** The address of a file in `public` or `browser`, with the version of all of them. */
  readonly asset: (name: string) => string;
}

interface TemplateData {
  readonly errors?: readonly FormError[];
  /** The address at which a GET shows this page, if that is not the address of the request. Links to other languages use it. */
  readonly here?: string;
  readonly [name: string]: unknown;
}

const cookieOf = <Name extends CookieName>(name: Name) =>
  cookies[name] as unknown as SealedCookie<CookieValue<Name>>;
const familyOf = <Name extends FamilyName>(name: Name) =>
  cookieFamilies[name] as unknown as SealedCookieFamily<EntryValue<Name>>;

/** One request for a page: its language, form and cookies, a client of the API, and the response. */
export class PageRequest {
  readonly language: Language;
  readonly t: Translate;
  readonly api: ApiClient;
  readonly #dependencies: PortalDependencies;
  readonly #request: Request;
  readonly #response: Response;
  #isSignedOut = false;

  constructor(language: Language, dependencies: PortalDependencies, request: Request, response: Response) {
    this.language = language;
    this.t = wordings[language];
    this.#dependencies = dependencies;
    this.#request = request;
    this.#response = response;
    this.api = frontEndClient(dependencies.settings, {
      language,
      address: request.ip ?? '',
      userAgent: request.get('User-Agent') ?? '',
    });
  }

  /** The path of this request. */
  get here(): string {
    return pathOf(this.#request);
  }

  /** A field of the submitted form; empty if it is absent. */
  field(name: string): string {
    const value = (this.#request.body as Record<string, unknown> | undefined)?.[name];
    return typeof value === 'string' ? value : '';
  }

  /**
   * The idempotency key of a submitted form, derived from its rendering (nonce) and `parts`: a double click or a reload
   * repeats the key, other values make another request.
   */
  idempotencyKey(...parts: string[]): string {
    return this.#dependencies.sealedBox.digest('portal-form', [this.field('nonce') || newNonce(), ...parts]);
  }

  /** The idempotency key of a message that no form sends. */
  idempotencyKeyOf(...parts: string[]): string {
    return this.#dependencies.sealedBox.digest('portal-form', parts);
  }

  /** Where the certificate listener sends the browser back to. */
  get certificateReturnUrl(): string {
    return `${this.#dependencies.settings.PORTAL_URL}${this.actsAddress}`;
  }

  /** The address of the list of acts with a certificate. */
  get actsAddress(): string {
    return addressOfPage('certificate', this.language);
  }

  /** Digests of `parts` under each key of the portal, the current key's first, which say nothing of them. */
  digests(purpose: Purpose, ...parts: string[]): string[] {
    return this.#dependencies.sealedBox.digests(purpose, parts);
  }

  readCookie<Name extends CookieName>(name: Name): CookieValue<Name> | undefined {
    return readSealedCookie(cookieOf(name), this.#request, this.#dependencies.sealedBox);
  }

  writeCookie<Name extends CookieName>(name: Name, value: CookieValue<Name>): void {
    writeSealedCookie(cookieOf(name), value, this.#response, this.#dependencies.sealedBox);
  }

  clearCookie(name: CookieName): void {
    if (name === 'session') this.#isSignedOut = true;
    clearSealedCookie(cookies[name], this.#response);
  }

  readEntry<Name extends FamilyName>(family: Name, id: string): EntryValue<Name> | undefined {
    return readSealedEntry(familyOf(family), id, this.#request, this.#dependencies.sealedBox);
  }

  /** Returns false, without effect, if the value is too large for a cookie. */
  writeEntry<Name extends FamilyName>(family: Name, id: string, value: EntryValue<Name>): boolean {
    const { sealedBox } = this.#dependencies;
    return writeSealedEntry(familyOf(family), id, value, this.#request, this.#response, sealedBox);
  }

  clearEntry(family: FamilyName, id: string): void {
    clearSealedEntry(familyOf(family), id, this.#response);
  }

  clearEntries(family: FamilyName): void {
    clearSealedFamily(familyOf(family), this.#request, this.#response);
  }

  /** The credential of a journey that this browser has started; undefined for any other. */
  journeyCredential(id: string): StoredCredential | undefined {
    const entry = this.readEntry('journey', id);
    return entry && { id, ...entry };
  }

  /** Keeps the token of a journey that the API has just started, and redirects to the journey's page. */
  redirectToStartedJourney(
    { journey: { id }, token }: { journey: { id: string }; token: string },
    { isRenewal = false, ...kept }: Partial<Omit<StoredCredential, 'id' | 'token'>> = {},
  ): void {
    this.writeEntry('journey', id, { token, isRenewal, ...kept });
    this.redirect(addressOfJourney(id, this.language));
  }

  /** Where a new password leads back to: an identification at the gateway. */
  addressOfIdentification(id: string): string {
    return addressOfIdentification(this.#dependencies.settings.GATEWAY_URL, id);
  }

  /** Whether the page's script asks, and not the browser for a page. */
  get wantsJson(): boolean {
    return this.#request.accepts(['html', 'json']) === 'json';
  }

  json(body: object): void {
    this.#response.json(body);
  }

  /** Redirects with 303, so that a reload of the target does not repeat the POST. */
  redirect(address: string): void {
    this.#response.redirect(303, address);
  }

  redirectToPage(page: PageName, query = ''): void {
    this.redirect(`${addressOfPage(page, this.language)}${query}`);
  }

  /** The address of a page with its scheme and host, as this request names them. */
  absoluteAddress(page: PageName, language: Language): string {
    return `${this.#origin}${addressOfPage(page, language)}`;
  }

  get #origin(): string {
    return `${this.#request.protocol}://${this.#request.get('Host') ?? ''}`;
  }

  /** Responds with a page: a template, filled in with `data` and with what every template may use. */
  render(template: string, data: TemplateData = {}, status = 200): void {
    const { language } = this;
    const { settings, render, csrfToken, asset } = this.#dependencies;
    const here = data.here ?? this.here;
    // The answer to a form has no query worth keeping: its address is that of the page.
    const [, query] = this.#request.method === 'GET' ? this.#request.originalUrl.split('?') : [];
    const inLanguage = (other: Language) => here.replace(/^\/[^/]*/, `/${other}`);
    const page = (name: string) => addressOfPage(name, language);
    const answersForm = this.#request.method === 'POST' && status !== 403;
    const html = render(template, {
      // Where a GET shows this page. `later`: a reload sends the form again, until the form is sent anew.
      ...(answersForm && {
        bodyAttributes: { 'data-history': here, ...(status === 503 && { 'data-history-later': true }) },
      }),
      ...pageData(language, data.errors),
      status,
      rich: (text: string) => richText(text, page),
      phone: phoneInGroups,
      page,
      pagesIn,
      headerPages,
      inLanguage: (other: Language) => `${inLanguage(other)}${query === undefined ? '' : `?${query}`}`,
      absolute: (other: Language) => `${this.#origin}${inLanguage(other)}`,
      asset,
      here,
      isSignedIn: !this.#isSignedOut && this.readCookie('session') !== undefined,
      contact: contactOf(settings),
      csrf: csrfToken(this.#request, this.#response),
      // After a 503 the same form is sent again: its key must not change.
      nonce: status === 503 && this.field('nonce') ? this.field('nonce') : newNonce(),
      cspNonce: this.#response.locals['cspNonce'],
      ...data,
    });
    this.#response.status(status).set('Content-Language', language).type('html').send(html);
  }
}

/** How to reach the service. `phoneLink` is a link in the form of `richText`, if the setting is a number. */
const contactOf = ({ PORTAL_CONTACT_EMAIL: email, PORTAL_CONTACT_PHONE: phone }: PortalSettings) => ({
  email,
  phoneLink: /^\+?\d[\d .-]*$/.test(phone) ? `[${phone}](tel:${phone.replace(/[ .-]/g, '')})` : phone,
});

/** Responds to a request for a page. */
export type PageHandler = (page: PageRequest, request: Request, response: Response) => Promise<void> | void;

/** An Express handler that gets the `PageRequest` first. */
export const withPageRequest =
  (handler: PageHandler): RequestHandler =>
  async (request, response) => {
    await handler(response.locals['page'] as PageRequest, request, response);
  };

/** Middleware that creates the `PageRequest`, in the language of the address; an unknown language is no page. */
export const attachPageRequest =
  (dependencies: PortalDependencies): RequestHandler =>
  (request, response, next) => {
    const language = languages.find((one) => one === request.params['language']);
    if (!language) return next('router');
    response.locals['page'] = new PageRequest(language, dependencies, request, response);
    next();
  };
