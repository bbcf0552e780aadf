import http from 'node:http';
import https from 'node:https';
import type { Transport } from './client.ts';

/** Idle connections are closed before the API closes them after 5 s (ms): a request on one that it closes would be lost. */
const idleMs = 4_000;

const keptAlive = { keepAlive: true, timeout: idleMs };
const agents = { http: new http.Agent(keptAlive), https: new https.Agent(keptAlive) };

const open = (address: URL, options: http.RequestOptions): http.ClientRequest =>
  address.protocol === 'https:'
    ? https.request(address, { ...options, agent: agents.https })
    : http.request(address, { ...options, agent: agents.http });

/** A request as `openapi-fetch` makes one, without the streams of the standard's class. */
export class LightRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Headers;
  readonly text: string | undefined;

  constructor(url: string, { method = 'GET', headers, body }: RequestInit) {
    this.url = url;
    this.method = method;
    this.headers = headers as Headers;
    this.text = body as string | undefined;
  }
}

/** What `openapi-fetch` and its callers use of a response. */
interface LightResponse {
  readonly ok: boolean;
  readonly status: number;
  readonly headers: Pick<Headers, 'get'>;
  text(): Promise<string>;
  json(): Promise<unknown>;
}

/**
 * Sends requests by `node:http`, at a third of what `fetch` costs: for servers that ask the API on behalf of others. Fails after
 * `timeoutMs`. Follows no redirect: another host would get the keys and what was typed.
 */
export const lightTransport =
  (timeoutMs: number): Transport =>
  (request) =>
    send(request as unknown as LightRequest, timeoutMs) as unknown as Promise<Response>;

function send({ url, method, headers, text }: LightRequest, timeoutMs: number): Promise<LightResponse> {
  return new Promise((resolve, reject) => {
    const length = text === undefined ? {} : { 'Content-Length': Buffer.byteLength(text) };
    const sent = open(new URL(url), {
      method,
      headers: { ...Object.fromEntries(headers), ...length },
    });
    const timer = setTimeout(() => sent.destroy(new Error('no answer in time')), timeoutMs);
    sent.on('error', reject).once('close', () => clearTimeout(timer));
    sent.once('response', (answer) => {
      let body = '';
      answer.setEncoding('utf8').on('data', (chunk: string) => {
        body += chunk;
      });
      answer.on('error', reject).once('end', () => resolve(responseOf(answer, body)));
    });
    sent.end(text);
  });
}

function responseOf({ statusCode: status = 0, headers }: http.IncomingMessage, body: string): LightResponse {
  return {
    ok: status >= 200 && status < 300,
    status,
    headers: { get: (name) => headers[name.toLowerCase()]?.toString() ?? null },
    text: async () => body,
    json: async () => JSON.parse(body),
  };
}
