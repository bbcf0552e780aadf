import { followedAddress } from './followed-address.ts';

interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly path: string;
}

/** An answer as a browser sees it before it goes on by itself. */
export interface BrowserAnswer {
  readonly status: number;
  /** Where it goes on: by a redirect, or by a page that leads on. */
  readonly location: string | undefined;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects, and fails if it is not there
  readonly json: any;
}

/** A browser without scripts that keeps cookies by their path, and follows redirects only when it is told to. */
export class PlainBrowser {
  cookies: Cookie[] = [];

  get(url: string | URL, headers: Record<string, string> = {}): Promise<BrowserAnswer> {
    return this.send(url, { headers });
  }

  post(url: string | URL, fields: Record<string, string>): Promise<BrowserAnswer> {
    return this.send(url, { method: 'POST', body: new URLSearchParams(fields) });
  }

  async send(url: string | URL, options: RequestInit = {}): Promise<BrowserAnswer> {
    const { pathname, href } = new URL(url);
    const cookie = this.cookies
      .filter(({ path }) => pathname === path || pathname.startsWith(path.endsWith('/') ? path : `${path}/`))
      .map(({ name, value }) => `${name}=${value}`)
      .join('; ');
    const response = await fetch(href, {
      ...options,
      redirect: 'manual',
      headers: { ...(options.headers as Record<string, string>), ...(cookie && { Cookie: cookie }) },
    });
    for (const line of response.headers.getSetCookie()) this.#keep(line);
    const text = await response.text();
    const location = followedAddress(response.headers, text);
    return {
      status: response.status,
      location: location === undefined ? undefined : new URL(location, href).href,
      headers: response.headers,
      text,
      json: text.startsWith('{') ? JSON.parse(text) : undefined,
    };
  }

  #keep(line: string): void {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
    const path = /;\s*path=([^;]+)/i.exec(line)?.[1] ?? '/';
    this.cookies = this.cookies.filter((cookie) => cookie.name !== name || cookie.path !== path);
    const expires = /;\s*expires=([^;]+)/i.exec(line)?.[1];
    if (expires === undefined || Date.parse(expires) > Date.now()) this.cookies.push({ name, value, path });
  }
}
