import type { CertificateProfile } from '../../domain/certificates/profiles.ts';
import type { GatewayInProcess } from '../environment/gateway-in-process.ts';
import type { Stack } from '../environment/stack.ts';
import { acceptedCode } from './certificates.ts';
import type { Citizen } from './citizen.ts';
import { goodPassword } from './credentials.ts';
import { authorizationRequest, followHome, type OidcParty, type StartedRequest } from './oidc-party.ts';
import { type BrowserAnswer, PlainBrowser } from './plain-browser.ts';

type Params = Record<string, string | undefined>;

/** A request of a party in a browser of its own, on the real pages in English. */
export class FlowOnPages {
  readonly browser: PlainBrowser;
  readonly #gateway: Pick<GatewayInProcess, 'url'>;
  readonly request: StartedRequest;
  /** The last page, or the answer that leads back to the party. */
  page: BrowserAnswer;

  private constructor(
    gateway: Pick<GatewayInProcess, 'url'>,
    request: StartedRequest,
    page: BrowserAnswer,
    browser: PlainBrowser,
  ) {
    this.#gateway = gateway;
    this.request = request;
    this.page = page;
    this.browser = browser;
  }

  static async start(
    gateway: Pick<GatewayInProcess, 'url'>,
    party: OidcParty,
    params: Params = {},
  ): Promise<FlowOnPages> {
    const request = await authorizationRequest(party, { ui_locales: 'en', ...params });
    const browser = new PlainBrowser();
    const answer = await browser.get(request.address);
    const flow = new FlowOnPages(gateway, request, answer, browser);
    if (answer.location?.startsWith(gateway.url)) await flow.open(new URL(answer.location).pathname);
    return flow;
  }

  /** The path of the request's first page. */
  get path(): string {
    const [path = ''] = /\/identify\/[\w-]+/.exec(this.#visited) ?? [];
    return path;
  }
  #visited = '';

  /** Opens a page of the gateway, and follows it. */
  async open(path: string): Promise<BrowserAnswer> {
    this.#visited ||= path;
    this.page = await followHome(
      this.#gateway,
      this.browser,
      await this.browser.get(`${this.#gateway.url}${path}`, { 'Accept-Language': 'en' }),
    );
    return this.page;
  }

  /** Posts to a page of this flow with what its form hides, and follows the answer. */
  async submit(step: string, fields: Record<string, string>): Promise<BrowserAnswer> {
    const hidden = (name: string) =>
      new RegExp(`name="${name}" value="([^"]*)"`).exec(this.page.text)?.[1] ?? '';
    const form = { csrf: hidden('csrf'), nonce: hidden('nonce'), ...fields };
    const answer = await this.browser.post(`${this.#gateway.url}${this.path}${step}`, form);
    this.page = await followHome(this.#gateway, this.browser, answer);
    return this.page;
  }

  signIn({ data: { nationalId } }: Citizen, means = 'password', password = goodPassword) {
    return this.submit('', { nationalId, password, means });
  }

  leave(reason: string): Promise<BrowserAnswer> {
    return this.submit('/leave', { reason });
  }

  /** Asks to be sent to the certificate listener. @returns the id of the ticket */
  async beginCertificate(means: 'certificate' | 'dnie'): Promise<string> {
    const { location } = await this.submit('', { certificate: means });
    const ticket = location && new URL(location).searchParams.get('ticket');
    if (!ticket) throw new Error(`not sent to the listener: ${location}`);
    return ticket;
  }

  /** Comes back from the listener, which has accepted the certificate of this person. @returns the page after it */
  async presentCertificate(
    stack: Stack,
    person: { readonly nationalId: string },
    profile: CertificateProfile = 'fnmt-natural-person',
  ): Promise<BrowserAnswer> {
    const means = profile === 'dnie' ? 'dnie' : 'certificate';
    const id = await this.beginCertificate(means);
    const code = await acceptedCode(stack, { id }, person, profile);
    return this.open(`/certificate?ticket=${id}&code=${code}`);
  }

  /** Identifies by the password. @returns the address with the code */
  async identify(citizen: Citizen): Promise<URL> {
    await this.signIn(citizen);
    const { location, text } = await this.submit('/confirmation', {});
    if (!location) throw new Error(`does not lead back: ${text}`);
    return new URL(location);
  }
}
