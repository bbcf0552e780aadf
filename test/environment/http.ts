import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import { text } from 'node:stream/consumers';
import type { Transport } from '../../client/client.ts';
import { importOncePerWorker } from './import-once-per-worker.ts';

/** Its schemas are compiled once for each Jest worker process: for each test file that would take half a second. */
const contract = () =>
  importOncePerWorker<typeof import('../contract/declared-answers.ts')>('test/contract/declared-answers.ts');

/** A reply of the API: its status, headers and JSON. */
export interface HttpReply {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what the contract says is there, and fails if it is not
  readonly body: any;
}

export interface ApiOrigin {
  readonly url: string;
}

/** How `requestOnce` sends a request: what, and through which transport (`fetch`, once, by default). */
export interface RequestOptions {
  readonly body?: unknown;
  readonly token?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  readonly transport?: Transport;
}

/** Sends one request, as any HTTP client would. @throws Error if the OpenAPI document does not declare the reply */
export async function requestOnce(
  { url }: ApiOrigin,
  method: string,
  path: string,
  { body, token, headers = {}, transport = fetch }: RequestOptions = {},
): Promise<HttpReply> {
  const request = new Request(`${url}/api/v1${path}`, {
    method,
    headers: {
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const response = await transport(request);
  const said = await response.text();
  const reply = {
    status: response.status,
    headers: response.headers,
    body: said === '' ? undefined : JSON.parse(said),
  };
  await (await contract()).mustBeDeclared(url, method, path, reply);
  return reply;
}

/** Sends one request with any bytes and any headers. @throws Error if the OpenAPI document does not declare the reply */
export async function requestOnceRaw(
  { url }: ApiOrigin,
  method: string,
  path: string,
  { body, headers = {} }: { body?: string | Buffer; headers?: OutgoingHttpHeaders } = {},
): Promise<HttpReply> {
  const request = httpRequest(`${url}/api/v1${path}`, { method, headers, agent: false });
  request.end(body);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  const said = await text(response);
  const reply = {
    status: response.statusCode ?? 0,
    headers: new Headers(Object.entries(response.headers).map(([name, value]) => [name, String(value)])),
    body: said === '' ? undefined : JSON.parse(said),
  };
  await (await contract()).mustBeDeclared(url, method, path, reply);
  return reply;
}
