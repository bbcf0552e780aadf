import { waitForOtp } from '../../local/phone/phone-client.ts';
import { goodPassword } from '../../test/actors/credentials.ts';
import { type BrowserAnswer, PlainBrowser } from '../../test/actors/plain-browser.ts';
import type { Citizen } from '../overload/registered-citizens.ts';

/** A citizen in a browser without scripts, who follows every redirect. */
export class CitizenInBrowser {
  readonly #browser = new PlainBrowser();
  #at = '';
  #page: BrowserAnswer | undefined;

  /** Opens an address. @returns the page to which it leads */
  async open(address: string): Promise<BrowserAnswer> {
    return this.#follow(address, await this.#browser.get(address));
  }

  /** Submits a form of the page that is open to its own address, or to the one below it. */
  async submit(fields: Record<string, string>, below = ''): Promise<BrowserAnswer> {
    const hidden = (name: string) =>
      new RegExp(`name="${name}" value="([^"]*)"`).exec(this.#page?.text ?? '')?.[1] ?? '';
    const form = { csrf: hidden('csrf'), nonce: hidden('nonce'), ...fields };
    const address = `${this.#at}${below}`;
    return this.#follow(address, await this.#browser.post(address, form));
  }

  /**
   * From the gateway's first page to the relying party: password, SMS code, confirmation. `beforeEach`: called before each
   * form is submitted.
   */
  async identify(
    { nationalId, phone }: Citizen,
    phoneUrl: string,
    beforeEach = async () => {},
  ): Promise<BrowserAnswer> {
    await beforeEach();
    await this.submit({ nationalId, password: goodPassword, means: 'password-sms' });
    await beforeEach();
    // The first code was that of the activation.
    await this.submit({ action: 'otp', otp: await waitForOtp(phoneUrl, phone, 2) });
    await beforeEach();
    return this.submit({});
  }

  async #follow(address: string, answer: BrowserAnswer): Promise<BrowserAnswer> {
    this.#at = address;
    this.#page = answer;
    while (this.#page.location) {
      this.#at = this.#page.location;
      this.#page = await this.#browser.get(this.#at);
    }
    return this.#page;
  }
}
