import fc from 'fast-check';
import type { OpenApi } from '../../test/contract/declared-answers.ts';
import { type Body, bodies } from './bodies.ts';
import { citizenStates, journeyStates, tokenNames } from './fixtures.ts';
import { mostly } from './mostly.ts';
import { rightContentTypes, wrongContentTypes } from './right-answers.ts';

/** One request as plain data, with placeholders for values of a citizen, filled in when it is sent. */
export type Request = ReturnType<typeof build>;

interface Operation {
  readonly requestBody?: { readonly content: { readonly 'application/json': { readonly schema: object } } };
  readonly security?: readonly Readonly<Record<string, unknown>>[];
  readonly parameters?: readonly {
    readonly in: string;
    readonly name: string;
    readonly required?: boolean;
  }[];
}

/** Requests to every operation of a document, most of them nearly right, and none the same. */
export const requestsTo = (document: OpenApi): fc.Arbitrary<Request> =>
  fc.oneof(...operationsOf(document).map((each) => requestTo(document, each)));

const operationsOf = ({ paths }: OpenApi) =>
  Object.entries(paths).flatMap(([template, item]) =>
    Object.entries(item).map(([method, operation]) => ({
      template,
      method: method.toUpperCase(),
      operation: operation as Operation,
    })),
  );

function requestTo(
  document: OpenApi,
  { template, method, operation }: ReturnType<typeof operationsOf>[number],
): fc.Arbitrary<Request> {
  const schemes = operation.security?.flatMap((each) => Object.keys(each)) ?? [];
  const scheme = schemes.find((name) => name !== 'gateway');
  const gatewayKey = schemes.includes('gateway') ? '{gatewayKey}' : '';
  const rightPath = `${template}${requiredQuery(operation)}`;
  const schema = operation.requestBody?.content['application/json'].schema;
  return fc
    .record({
      template: fc.constant(template),
      declared: fc.constant(method),
      method: mostly(fc.constant(method), fc.constantFrom(...otherMethods)),
      rightPath: fc.constant(rightPath),
      path: mostly(fc.constant(rightPath), oddPath(template)),
      journey: fc.constantFrom(...journeyStates),
      gatewayKey: mostly(fc.constant(gatewayKey), fc.constantFrom('', '{gatewayKey}', 'x'.repeat(48))),
      authorization: mostly(fc.constant(rightToken(scheme)), oddAuthorization),
      who: fc.constantFrom(...citizenStates),
      nth: fc.nat(7),
      headers: fc.record(
        {
          'Idempotency-Key': fc.oneof(
            fc.constantFrom('', 'again', 'x'.repeat(256), 'ñ', '\t', '"a", "b"'),
            token,
          ),
          'Accept-Language': fc.oneof(fc.constantFrom('en', 'eu;q=0.5, *', ';;q=', 'x'.repeat(3_000)), token),
          'User-Agent': fc.constantFrom(
            '',
            'x'.repeat(2_000),
            "' OR 1=1; --",
            '$\x7bjndi:ldap://x}',
            '\xff\xfe',
          ),
          Forwarded: fc.constantFrom('for=', 'for="[::1', 'for=192.0.2.1', ','.repeat(1_000), 'for=\xff'),
          'X-Forwarded-For': fc.constantFrom('1.2.3.4', '::', 'x', ''),
          'X-Certificate-Key': fc.constantFrom('{certificateKey}', '', 'x'.repeat(48)),
          'X-Front-End-Key': fc.constantFrom('{frontEndKey}', '', 'x'.repeat(48)),
          Host: fc.constantFrom('', 'evil.example', '[::1', 'a b'),
          Expect: fc.constantFrom('100-continue', '200-ok', ''),
          Upgrade: fc.constantFrom('h2c', 'websocket'),
          'Content-Encoding': fc.constantFrom('gzip', 'br', 'identity', 'zip', 'gzip, gzip'),
          Accept: fc.constantFrom('text/html', 'application/xml', ''),
          Range: fc.constantFrom('bytes=0-1'),
          'If-None-Match': fc.constantFrom('*'),
          'X-HTTP-Method-Override': fc.constantFrom('DELETE'),
          Origin: fc.constantFrom('null', 'https://evil.example'),
        },
        // Each is there now and then: with all of them at once, the first that is refused would be all that is seen.
        { requiredKeys: [] },
      ),
      keptHeaders: fc.subarray(headerNames, { maxLength: 2 }),
      contentType: mostly(
        mostly(fc.constant('application/json'), fc.constantFrom(...rightContentTypes), 4),
        fc.constantFrom(...wrongContentTypes),
      ),
      body: schema
        ? bodies(document, schema)
        : mostly<Body>(
            fc.constant({ text: '', wrong: 'none' }),
            fc.constantFrom(...['{}', 'null', '[1]', '{'].map((text) => ({ text }))),
          ),
      framing: mostly(fc.constant('length'), fc.constantFrom(...framings)),
      flood: mostly(
        fc.constant('none'),
        fc.constantFrom('many', 'long', 'endless name', 'folded', 'twice'),
        40,
      ),
    })
    .map(build);
}

/** The query string of an operation's required parameters, each with the template variable of its name as value. */
function requiredQuery({ parameters = [] }: Operation): string {
  const names = parameters.filter(({ in: place, required }) => place === 'query' && required === true);
  return names.length === 0 ? '' : `?${names.map(({ name }) => `${name}={${name}}`).join('&')}`;
}

const headerNames = [
  ...['Idempotency-Key', 'Accept-Language', 'User-Agent', 'Forwarded', 'X-Forwarded-For', 'X-Front-End-Key'],
  ...['Host', 'Expect', 'Upgrade', 'Content-Encoding', 'Accept', 'Range', 'If-None-Match', 'Origin'],
  ...['X-HTTP-Method-Override', 'X-Certificate-Key'],
];

const token = fc.string({ minLength: 1, maxLength: 40, unit: fc.constantFrom(...'abcZ019 -_~!"(){};=,*é') });

const otherMethods = [
  ...['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND', 'M-SEARCH'],
  ...['CONNECT', 'post', 'BREW', 'PRI'],
];

const framings = [
  ...['none', 'chunked', 'chunked badly', 'too short', 'too long', 'negative', 'no number', 'two lengths'],
  ...['length and chunked', 'unknown coding', 'huge', 'slowly', 'old', 'nonsense'],
] as const;

const rightToken = (scheme: string | undefined): string =>
  scheme === undefined ? '' : scheme === 'journey' ? 'Bearer {journey}' : `Bearer {${scheme}}`;

const oddAuthorization = fc.oneof(
  fc.constantFrom(
    ...['', 'Bearer', 'Bearer ', 'Basic eDp4', 'bearer {journey}', 'BEARER {session}', 'Bearer {officer} x'],
    ...[`Bearer ${'x'.repeat(3_000)}`, 'Bearer \xff\xfe', 'Bearer ..', 'Bearer null', 'Digest x="{session}"'],
  ),
  fc.constantFrom(...tokenNames).map((name) => `Bearer {${name}}`),
);

const oddPath = (template: string): fc.Arbitrary<string> =>
  fc.oneof(
    fc
      .constantFrom(
        ...[
          '%00',
          '%2e%2e',
          '%2e%2e%2f',
          '..',
          '.',
          '%c0%ae%c0%ae',
          '%',
          '%zz',
          '%u0000',
          '%ff',
          '%F0%9F%92%A9',
        ],
        ...[
          '{id}%00',
          '{id}%20',
          '{id}/',
          '{id}//',
          '{id}?a[b]=c&a=%',
          '{id};x=1',
          '{id}#x',
          'é',
          '\x7f',
          ' ',
        ],
        ...["'", '"', '<script>', '__proto__', 'constructor', 'x'.repeat(4_000), 'x'.repeat(70_000), '*'],
      )
      .map((odd) => (template.includes('{id}') ? template.replace('{id}', odd) : `${template}/${odd}`)),
    fc.constantFrom(
      `/${template}`,
      `${template}/`,
      template.toUpperCase(),
      `${template}?${'a=b&'.repeat(500)}`,
      `/..${template}`,
      '/../../healthz',
      '/',
      '',
    ),
  );

const build = (made: {
  template: string;
  rightPath: string;
  /** The method of the operation; `method` is the one that is sent. */
  declared: string;
  method: string;
  path: string;
  journey: (typeof journeyStates)[number];
  authorization: string;
  gatewayKey: string;
  who: (typeof citizenStates)[number];
  nth: number;
  headers: Partial<Record<string, string>>;
  keptHeaders: string[];
  contentType: string;
  body: Body;
  framing: string;
  flood: string;
}) => {
  const { headers, keptHeaders, body, ...rest } = made;
  const { text, wrong = 'unknown' } = body;
  return {
    ...rest,
    body: text,
    wrong,
    headers: Object.fromEntries(keptHeaders.map((name) => [name, headers[name] ?? ''])),
  };
};
