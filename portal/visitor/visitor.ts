import type { Request, RequestHandler, Response } from 'express';
import type { ApiClient } from '../../client/client.ts';
import { frontEndClient } from '../../client/front-end-client.ts';
import { type Language, languages } from '../../domain/languages.ts';
import type { PortalSettings } from '../../platform/config.ts';
import { newNonce, type SealedBox } from '../http/sealed-box.ts';
import { addressOfJourney, addressOfPage, type PageName } from '../pages.ts';
import { dateText, dateTimeText, timeText } from '../views/dates.ts';
import { richText } from '../views/rich-text.ts';
import type { Render } from '../views/templates.ts';
import { type Translate, type WordingKey, type WordingValues, wordings } from '../views/wording.ts';
import {
  addJourney,
  type CookieValue,
  clearCookie,
  type JourneyHandle,
  readCookie,
  writeCookie,
} from './cookies.ts';

/** What the portal is made of, put together once in `main.ts` and in the tests. */
export interface PortalDependencies {
  readonly settings: PortalSettings;
  readonly sealedBox: SealedBox;
  readonly render: Render;
  readonly csrfToken: (request: Request, response: Response) => string;
  /** The address of a file of ours, with what changes when the file does. */
  readonly asset: (name: string) => string;
}

/** An error of a form: where it is (none if it is about the whole), and in words. */
export interface FormError {
  readonly field?: string | undefined;
  readonly text: string;
  /** Said beside the field, where the whole list would be too much. */
  readonly brief?: string;
}

/** What a template is filled in with, beside what every page has. */
interface Shown {
  readonly errors?: readonly FormError[];
  readonly [name: string]: unknown;
}

/** One request of a person with a browser: in which language, what their browser keeps, and how to answer. */
export class Visitor {
  readonly language: Language;
  readonly t: Translate;
  readonly api: ApiClient;
  readonly #dependencies: PortalDependencies;
  readonly #request: Request;
  readonly #response: Response;

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

  /** A field of the submitted form; the empty text if it is not there. */
  field(name: string): string {
    const value = (this.#request.body as Record<string, unknown> | undefined)?.[name];
    return typeof value === 'string' ? value : '';
  }

  /**
   * The key under which a submitted form may be sent on: the same form with the same content has the same one, so that a
   * double click or a reload does nothing twice; with another content it is another request.
   */
  idempotencyKey(...content: string[]): string {
    return this.#dependencies.sealedBox.digest('portal-form', [
      this.field('nonce') || newNonce(),
      ...content,
    ]);
  }

  /** The content of a sealed field of a form. */
  openSealedField(name: string, context: string): unknown {
    return this.#dependencies.sealedBox.open('portal-receipt', context, this.field(name));
  }

  /** A value for a form, to come back as it was. */
  sealField(context: string, value: unknown): string {
    return this.#dependencies.sealedBox.seal('portal-receipt', context, value);
  }

  readCookie<Name extends 'journeys' | 'session' | 'desk'>(name: Name): CookieValue<Name> | undefined {
    return readCookie(name, this.#request, this.#dependencies.sealedBox);
  }

  writeCookie<Name extends 'journeys' | 'session' | 'desk'>(name: Name, value: CookieValue<Name>): void {
    writeCookie(name, value, this.#response, this.#dependencies.sealedBox);
  }

  clearCookie(name: 'journeys' | 'session' | 'desk'): void {
    clearCookie(name, this.#response);
  }

  /** A journey that this browser has begun. */
  journeyHandle(journeyId: string): JourneyHandle | undefined {
    return this.readCookie('journeys')?.find(({ id }) => id === journeyId);
  }

  /** Goes to the page of a journey that has just begun. */
  redirectToStartedJourney(
    { journey, token }: { journey: { id: string }; token: string },
    isRenewal = false,
  ): void {
    const begun = { id: journey.id, token, isRenewal };
    this.writeCookie('journeys', addJourney(this.readCookie('journeys') ?? [], begun));
    this.redirect(addressOfJourney(journey.id, this.language));
  }

  /** To another page by GET, so that a reload there sends nothing again. */
  redirect(address: string): void {
    this.#response.redirect(303, address);
  }

  redirectToPage(page: PageName, query = ''): void {
    this.redirect(`${addressOfPage(page, this.language)}${query}`);
  }

  /** Answers with a page. */
  render(template: string, data: Shown = {}, status = 200): void {
    const { language, t } = this;
    const { settings, render, csrfToken, asset } = this.#dependencies;
    const here = this.#request.originalUrl.split('?')[0] ?? '/';
    const html = render(template, {
      ...{ language, languages, errors: [], values: {}, status },
      messages: messagesOf(data.errors ?? []),
      t: (key: WordingKey, values?: WordingValues) => t(key, values),
      rich: (text: string) => richText(text, language),
      page: (name: PageName) => addressOfPage(name, language),
      inLanguage: (other: Language) => here.replace(/^\/[^/]*/, `/${other}`),
      ownName: (other: Language) => wordings[other]('language.own-name'),
      date: (iso: string) => dateText(iso, language),
      dateTime: (iso: string) => dateTimeText(iso, language),
      time: (iso: string, seconds?: boolean) => timeText(iso, language, seconds),
      asset,
      here,
      isSignedIn: this.readCookie('session') !== undefined,
      contact: { email: settings.PORTAL_CONTACT_EMAIL, phone: settings.PORTAL_CONTACT_PHONE },
      csrf: csrfToken(this.#request, this.#response),
      nonce: this.field('nonce') && status === 503 ? this.field('nonce') : newNonce(),
      cspNonce: this.#response.locals['cspNonce'],
      ...data,
    });
    this.#response.status(status).set('Content-Language', language).type('html').send(html);
  }
}

/** What is said beside each field. */
const messagesOf = (errors: readonly FormError[]): Record<string, string> =>
  Object.fromEntries(
    errors.toReversed().flatMap(({ field, text, brief }) => (field ? [[field, brief ?? text]] : [])),
  );

/** What answers a visitor. */
export type VisitorHandler = (visitor: Visitor, request: Request, response: Response) => Promise<void> | void;

/** Puts a visitor before a handler. */
export const withVisitor =
  (answer: VisitorHandler): RequestHandler =>
  async (request, response) => {
    await answer(response.locals['visitor'] as Visitor, request, response);
  };

/** Makes the visitor from the language in the address; other addresses are none of ours. */
export const attachVisitor =
  (dependencies: PortalDependencies): RequestHandler =>
  (request, response, next) => {
    const language = languages.find((one) => one === request.params['language']);
    if (!language) return next('router');
    response.locals['visitor'] = new Visitor(language, dependencies, request, response);
    next();
  };
