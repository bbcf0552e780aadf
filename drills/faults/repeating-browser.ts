import { setTimeout as sleep } from 'node:timers/promises';
import { problemText } from '../../platform/locales.ts';
import { type BrowserAnswer, PlainBrowser } from '../../test/actors/plain-browser.ts';
import type { RepeatingClient } from './repeating-client.ts';
import { Violation } from './violation.ts';

/** Longer than the gateway waits for the API. */
const timeoutMs = 20_000;
const pauseMs = 200;
/** Far longer than any recovery takes. */
const repeatForMs = 60_000;

/**
 * The browser of a citizen at the gateway, who reloads a page that does not come, and submits a form again that comes back
 * with an error. It records its requests with those of the citizen's client.
 */
export class RepeatingBrowser {
  readonly #browser = new PlainBrowser();
  readonly #record: Pick<RepeatingClient, 'answers' | 'lost'>;
  readonly #gatewayUrl: string;
  /** The address of the last page. */
  at = '';
  /** The last page, or the answer that leads to another site. */
  page: BrowserAnswer | undefined;

  constructor(record: Pick<RepeatingClient, 'answers' | 'lost'>, gatewayUrl: string) {
    this.#record = record;
    this.#gatewayUrl = gatewayUrl;
  }

  /** Opens an address, and follows it as long as it stays at the gateway. @throws Violation */
  async open(address: string): Promise<BrowserAnswer> {
    return this.#follow(address, await this.#send(address));
  }

  /**
   * Submits a form of the last page, to its own address or another. One that comes back since a part of the service is away is
   * submitted again, and any other error is a finding. @throws Violation
   */
  async submit(fields: Record<string, string>, address = this.at): Promise<BrowserAnswer> {
    for (const end = Date.now() + repeatForMs; Date.now() < end; await sleep(pauseMs)) {
      const page = await this.submitOnce(fields, address);
      if (!hasErrors(page)) return page;
      if (!page.text.includes(unavailableText)) throw new Violation(`POST ${pathOf(address)} is refused`);
      this.#record.lost.push(`POST ${pathOf(address)}: 503 behind the page`);
    }
    throw new Violation(`POST ${pathOf(address)} is not possible for a minute`);
  }

  /** The page may be the form with its errors. @throws Violation */
  async submitOnce(fields: Record<string, string>, address = this.at): Promise<BrowserAnswer> {
    const form = { csrf: this.#hidden('csrf'), nonce: this.#hidden('nonce'), ...fields };
    return this.#follow(address, await this.#send(address, form));
  }

  #hidden(name: string): string {
    return new RegExp(`name="${name}" value="([^"]*)"`).exec(this.page?.text ?? '')?.[1] ?? '';
  }

  async #follow(address: string, answer: BrowserAnswer): Promise<BrowserAnswer> {
    this.at = address;
    this.page = answer;
    while (this.page.location?.startsWith(`${this.#gatewayUrl}/`)) {
      this.at = this.page.location;
      this.page = await this.#send(this.at);
    }
    return this.page;
  }

  async #send(address: string, form?: Record<string, string>): Promise<BrowserAnswer> {
    const entry = { atMs: 0, repeats: 0 };
    this.#record.answers.push(entry);
    const request = `${form ? 'POST' : 'GET'} ${pathOf(address)}`;
    for (const end = Date.now() + repeatForMs; Date.now() < end; await sleep(pauseMs)) {
      const sentAtMs = performance.now();
      const answer = await this.#browser
        .send(address, {
          ...(form && { method: 'POST', body: new URLSearchParams(form) }),
          headers: { 'Accept-Language': 'en' },
          signal: AbortSignal.timeout(timeoutMs),
        })
        .catch((error: Error) => error);
      entry.atMs = performance.now();
      if (!(answer instanceof Error) && answer.status < 500) return answer;
      const cause = answer instanceof Error ? answer.message : answer.status;
      const after = Math.round(performance.now() - sentAtMs);
      this.#record.lost.push(`${request}: ${cause} after ${after} ms`);
      entry.repeats += 1;
    }
    throw new Violation(`${request} has no answer within a minute`);
  }
}

/** What a form says in English where the API is away. */
const unavailableText = problemText('temporarily-unavailable', 'en').detail;

/** Whether a form came back with errors. */
export const hasErrors = ({ text }: BrowserAnswer): boolean => text.includes('govuk-error-summary');

/** A path of the gateway without the id of its request. */
const pathOf = (address: string): string =>
  new URL(address).pathname.replace(/(identify|auth)\/[\w-]+/, '$1/…');
