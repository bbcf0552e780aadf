import type { Fixtures } from './fixtures.ts';
import type { Request } from './requests.ts';

/** A request as it goes over the wire. */
export interface SerializedRequest {
  readonly method: string;
  /** Below the base path, filled in. */
  readonly path: string;
  readonly pieces: readonly Buffer[];
  readonly closesAfterwards: boolean;
}

/** Replaces the placeholders of a request, and serializes it. */
export function serializeRequest(
  request: Request,
  { tokens, journeys, identifications, values, frontEndKey, gatewayKey, certificateKey }: Fixtures,
): SerializedRequest {
  const { journey, who, nth, method, framing, template } = request;
  const one = <Value>(list: readonly Value[]): Value => list[nth % list.length] as Value;
  const named: Readonly<Record<string, string>> = {
    ...Object.fromEntries(Object.entries(tokens).map(([name, list]) => [name, one(list)])),
    ...one<Readonly<Record<string, string>>>(values[who]),
    journey: one(tokens[journey]),
    id: one(template.startsWith('/identifications/') ? identifications : journeys[journey]),
    frontEndKey,
    gatewayKey,
    certificateKey,
  };
  const filled = (text: string) =>
    text.replace(/\{([\w ]+?)(?: with ([^}]+))?\}/g, (whole, name: string, between?: string) => {
      const value = named[name];
      return value === undefined || between === undefined ? (value ?? whole) : [...value].join(between);
    });
  const path = filled(request.path);
  const target = method === 'CONNECT' ? 'example.org:443' : `/api/v1${path}`;
  const body = Buffer.from(filled(request.body));
  const { headers, content, closesAfterwards = false } = framed(framing, body);
  const lines = [
    ...(request.headers['Host'] === undefined && framing !== 'old' ? ['Host: localhost'] : []),
    ...(request.contentType && body.length > 0 ? [`Content-Type: ${request.contentType}`] : []),
    ...(request.authorization ? [`Authorization: ${filled(request.authorization)}`] : []),
    ...(request.gatewayKey ? [`X-Gateway-Key: ${filled(request.gatewayKey)}`] : []),
    ...Object.entries(request.headers).map(([name, value]) => `${name}: ${filled(value)}`),
    ...flooding(request.flood),
    ...headers,
    'Connection: close',
  ];
  const first = `${method} ${target} HTTP/${framing === 'old' ? '1.0' : '1.1'}`;
  const head = Buffer.from(`${[first, ...lines].join('\r\n')}\r\n\r\n`, 'latin1');
  if (framing === 'nonsense')
    return {
      method,
      path,
      pieces: [Buffer.from('{'), body, Buffer.from('\r\n\r\n')],
      closesAfterwards: true,
    };
  if (framing !== 'slowly')
    return { method, path, pieces: [Buffer.concat([head, content])], closesAfterwards };
  const middle = Math.floor(content.length / 2);
  return {
    method,
    path,
    pieces: [head, content.subarray(0, middle), content.subarray(middle)],
    closesAfterwards,
  };
}

interface Framed {
  readonly headers: readonly string[];
  readonly content: Buffer;
  readonly closesAfterwards?: boolean;
}

/** The framing of a body, correct or not. */
function framed(framing: string, body: Buffer): Framed {
  const length = (value: number | string) => `Content-Length: ${value}`;
  const chunked = Buffer.concat([
    Buffer.from(`${body.length.toString(16)}\r\n`),
    body,
    Buffer.from(body.length > 0 ? '\r\n0\r\n\r\n' : '\r\n'),
  ]);
  const ways: Readonly<Record<string, Framed>> = {
    none: { headers: [], content: Buffer.alloc(0) },
    chunked: { headers: ['Transfer-Encoding: chunked'], content: chunked },
    'chunked badly': { headers: ['Transfer-Encoding: chunked'], content: Buffer.from(`zz\r\n${body}`) },
    'too short': { headers: [length(Math.floor(body.length / 2))], content: body },
    'too long': { headers: [length(body.length + 10)], content: body, closesAfterwards: true },
    negative: { headers: [length(-1)], content: body },
    'no number': { headers: [length('1e3')], content: body },
    'two lengths': { headers: [length(body.length), length(body.length + 1)], content: body },
    'length and chunked': { headers: [length(3), 'Transfer-Encoding: chunked'], content: chunked },
    'unknown coding': { headers: ['Transfer-Encoding: gzip'], content: body },
    huge: { headers: [length('9'.repeat(15))], content: body, closesAfterwards: true },
  };
  const usual = { headers: body.length > 0 ? [length(body.length)] : [], content: body };
  return ways[framing] ?? usual;
}

/** Too many or too long headers. */
function flooding(flood: string): string[] {
  const floods: Readonly<Record<string, string[]>> = {
    many: Array.from({ length: 3_000 }, (_, index) => `X-${index}: ${index}`),
    long: [`X-Long: ${'x'.repeat(40_000)}`],
    'endless name': [`${'x'.repeat(40_000)}: 1`],
    folded: ['X-Folded: a\r\n b'],
    twice: ['Authorization: Bearer x', 'Content-Type: text/plain', 'Host: twice'],
  };
  return floods[flood] ?? [];
}
