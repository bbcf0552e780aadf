import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readPortalSettings } from '../../platform/config.ts';
import { createLog } from '../../platform/log.ts';
import { createPortal } from '../../portal/app.ts';
import { SealedBox } from '../../web/http/sealed-box.ts';
import { followedAddress } from '../actors/followed-address.ts';
import { type Stack, startStack } from './stack.ts';

/** The pages, for visitors without a browser. */
export interface PortalInProcess {
  readonly url: string;
  /** What seals and opens the cookies of these pages. */
  readonly sealedBox: SealedBox;
  /** A new browser, without cookies. */
  visitor(): PortalVisitor;
  stop(): void;
}

/** A key that seals cookies, as the setting has it. */
export const newCookieKey = (id: string): string => `${id}:${randomBytes(32).toString('base64')}`;

/** Starts the pages in this process. */
export async function startPortalInProcess(
  { url: API_URL, frontEndKey: FRONT_END_KEY }: Pick<Stack, 'url' | 'frontEndKey'>,
  PORTAL_COOKIE_KEY = newCookieKey('c1'),
): Promise<PortalInProcess> {
  const settings = readPortalSettings({ API_URL, FRONT_END_KEY, PORTAL_COOKIE_KEY });
  const portal = createPortal({ settings, log: createLog('test', 'silent') });
  const server = createServer(portal).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    sealedBox: new SealedBox(settings.PORTAL_COOKIE_KEY, 'portal'),
    visitor: () => new PortalVisitor(url),
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Starts the default service of the Jest worker, and the pages in this process. */
export async function startServiceWithPages(): Promise<{
  readonly stack: Stack;
  readonly portal: PortalInProcess;
  stop(): Promise<void>;
}> {
  const stack = await startStack();
  const portal = await startPortalInProcess(stack);
  return {
    stack,
    portal,
    stop() {
      portal.stop();
      return stack.stop();
    },
  };
}

/** A page as a browser shows it. */
export interface VisitedPage {
  readonly status: number;
  /** The path, after redirects. */
  readonly path: string;
  readonly html: string;
  readonly headers: Headers;
  /** Another site, to which it leads. */
  readonly location?: string;
}

/** A browser without scripts: it keeps cookies, follows redirects and submits forms with their hidden fields. */
export class PortalVisitor {
  readonly cookies = new Map<string, string>();
  /** The attributes of each, as they were set last. */
  readonly attributes = new Map<string, string>();
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  get(path: string): Promise<VisitedPage> {
    return this.#follow(path, {});
  }

  /** Submits a form of a page that this visitor has loaded, with its hidden fields. `action`: by default the page's path. */
  submit(
    { path, html }: VisitedPage,
    fields: Readonly<Record<string, string>>,
    action = path,
  ): Promise<VisitedPage> {
    const hidden = (name: string) => new RegExp(`name="${name}" value="([^"]*)"`).exec(html)?.[1] ?? '';
    const body = new URLSearchParams({ csrf: hidden('csrf'), nonce: hidden('nonce'), ...fields });
    return this.#follow(action, { method: 'POST', body });
  }

  async #follow(path: string, options: RequestInit): Promise<VisitedPage> {
    const Cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(`${this.#url}${path}`, {
      ...options,
      redirect: 'manual',
      headers: { Cookie },
    });
    for (const line of response.headers.getSetCookie()) this.#keep(line);
    const html = await response.text();
    const location = followedAddress(response.headers, html);
    // To the certificate listener: it is not there, and the test says what it answers.
    const isElsewhere = location !== undefined && /^https:/.test(location);
    if (location && !isElsewhere) return this.#follow(location, {});
    return {
      ...(isElsewhere && { location }),
      status: response.status,
      path: path.split('?')[0] ?? path,
      html,
      headers: response.headers,
    };
  }

  #keep(line: string): void {
    const [pair = '', ...attributes] = line.split(';');
    const [name = '', value = ''] = [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)];
    if (/expires=Thu, 01 Jan 1970/i.test(line)) this.cookies.delete(name);
    else this.cookies.set(name, value);
    this.attributes.set(name, attributes.join(';'));
  }
}
