import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { assuranceOf, everyMeans, isAtLeast, levelOf, levels } from '../assurance.ts';
import { partyFrom } from './party-file.ts';
import { isReachable } from './shortfall.ts';

const good = {
  name: { es: 'Sede electrónica de Ejemplo', ca: 'Seu electrònica d’Exemple' },
  shortName: 'Sede de Ejemplo',
  organisation: 'Ayuntamiento de Ejemplo',
  dir3: 'L01280796',
  homeUrl: 'https://sede.example.org/',
  sector: 'ayuntamiento-ejemplo',
  protocol: 'oidc',
  floor: 'low',
  attributes: ['nif', 'profile'],
  redirectUris: ['https://sede.example.org/clave/back'],
  tokenEndpointAuthMethod: 'client_secret_basic',
};
const anywhere = { loopbackPermitted: true };
const production = { loopbackPermitted: false };

const linesOf = (changes: object, rules = anywhere): readonly string[] => {
  const result = partyFrom({ ...good, ...changes }, rules);
  return 'problems' in result ? result.problems : [];
};
const publicJwk = (kind: 'rsa' | 'ec', options: object): object =>
  generateKeyPairSync(kind as 'rsa', options as { modulusLength: number }).publicKey.export({
    format: 'jwk',
  });
const rsa = publicJwk('rsa', { modulusLength: 2048 });
const ec = publicJwk('ec', { namedCurve: 'P-256' });
const withKeys = (...keys: object[]) => ({ tokenEndpointAuthMethod: 'private_key_jwt', jwks: { keys } });

describe('the file of a relying party', () => {
  test('is read with its defaults', () => {
    expect(partyFrom(good, production)).toEqual({
      party: {
        name: good.name,
        shortName: 'Sede de Ejemplo',
        organisation: 'Ayuntamiento de Ejemplo',
        dir3: 'L01280796',
        homeUrl: 'https://sede.example.org/',
        sector: 'ayuntamiento-ejemplo',
        protocol: 'oidc',
        floor: 'low',
        registrationFloor: null,
        means: [],
        attributes: ['nif', 'profile'],
        oidc: {
          redirectUris: good.redirectUris,
          postLogoutRedirectUris: [],
          tokenEndpointAuthMethod: 'client_secret_basic',
          idTokenSignedResponseAlg: 'RS256',
          fapi: false,
        },
      },
    });
  });

  test('may give its name as one text, which is Spanish', () => {
    expect(partyFrom({ ...good, name: ' Sede ' }, anywhere)).toMatchObject({
      party: { name: { es: 'Sede' } },
    });
  });

  test.each(Object.keys(good))('is refused without %s, in one line', (name) => {
    const { [name as keyof typeof good]: _, ...rest } = good;
    expect(partyFrom(rest, anywhere)).toEqual({ problems: [`${name}: is required`] });
  });

  test.each([[null], [[]], ['text'], [7], [undefined]])('is refused if it is %p', (content) => {
    expect(partyFrom(content, anywhere)).toEqual({ problems: ['must be a JSON object'] });
  });

  test.each<[string, unknown]>([
    ['name', {}],
    ['name', { ca: 'Seu' }],
    ['name', { es: 'Sede', fr: 'Siège' }],
    ['name', { es: '' }],
    ['name', 'x'.repeat(121)],
    ['name', 'Sede\u202E'],
    ['name', 'Sede\nBanco'],
    ['shortName', 'a'.repeat(25)],
    ['shortName', 'sede.es'],
    ['shortName', 'Málaga'],
    ['shortName', 'Sede 😀'],
    ['shortName', 'a~b'],
    ['shortName', 'Sede 2026'],
    ['shortName', ' '],
    ['organisation', ''],
    ['dir3', 'L0128079'],
    ['dir3', 'l01280796'],
    ['homeUrl', 'javascript:alert(1)'],
    ['homeUrl', 'http://sede.example.org/'],
    ['sector', 'Sede'],
    ['sector', '-a'],
    ['sector', ''],
    ['sector', 'a'.repeat(65)],
    ['protocol', 'saml'],
    ['protocol', 'ldap'],
    ['floor', 'basic'],
    ['registrationFloor', 'low'],
    ['means', ['passwords']],
    ['means', ['password', 'password']],
    ['attributes', ['nif', 'salary']],
    ['attributes', 'nif'],
    ['redirectUris', []],
    ['redirectUris', Array.from({ length: 21 }, (_, index) => `https://example.org/${index}`)],
    ['redirectUris', [good.redirectUris[0], good.redirectUris[0]]],
    ['tokenEndpointAuthMethod', 'none'],
    ['idTokenSignedResponseAlg', 'none'],
    ['idTokenSignedResponseAlg', 'HS256'],
    ['userinfoSignedResponseAlg', 'none'],
    ['fapi', 'yes'],
  ])('is refused with %s %j', (name, value) => {
    const lines = linesOf({ [name]: value });
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) expect(line).toMatch(new RegExp(`^${name}(\\.\\S+)?: \\S`));
  });

  test('is refused with a name that there is not, one line each', () => {
    expect(linesOf({ redirect_uris: [], secret: 'x' })).toEqual([
      'redirect_uris: no such name',
      'secret: no such name',
    ]);
  });

  test('says all that is wrong at once', () => {
    expect(linesOf({ floor: 'x', sector: '!', shortName: 'a.b' })).toHaveLength(3);
  });

  test('is never read, and never throws, with anything in the place of a value', () => {
    const names = [...Object.keys(good), 'jwks', 'means', 'fapi', 'backchannelLogoutUri'];
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.anything(), (name, value) => {
        const result = partyFrom({ ...good, [name]: value }, anywhere);
        if ('problems' in result) expect(result.problems.length).toBeGreaterThan(0);
        else expect(partyFrom({ ...good, [name]: value }, anywhere)).toEqual(result);
      }),
    );
  });
});

describe('an address', () => {
  test.each([
    'https://example.org',
    'https://example.org/',
    'https://example.org/back?from=clave&x=%C3%B1',
    'https://example.org:8443/back',
    'https://xn--espaa-rta.es/back',
    'http://localhost:8080/back',
    'http://127.0.0.1:1/back',
    'http://[::1]:8080/back',
  ])('may be %s', (uri) => {
    expect(linesOf({ redirectUris: [uri] })).toEqual([]);
  });

  test.each([
    'http://example.org/back',
    'http://localhost.example.org/back',
    'http://127.0.0.1.example.org/back',
    'http://10.0.0.1/back',
    'https://example.org/back#part',
    'https://example.org/back#',
    'https://*.example.org/back',
    'https://example.org/*',
    'https://user:secret@example.org/back',
    'https://user@example.org/back',
    'javascript:alert(1)',
    'JavaScript://example.org/%0aalert(1)',
    'data:text/html,x',
    'file:///etc/passwd',
    'org.example.app:/back',
    '//example.org/back',
    '/back',
    'back',
    '',
    'https://',
    'https://EXAMPLE.org/back',
    'https://example.org:443/back',
    'https://example.org/a/../back',
    'https://example.org/a/%2e%2e/back',
    'https:\\\\example.org\\back',
    'https://example.org/back ',
    ' https://example.org/back',
    'https://exam\nple.org/back',
    'https://example.org\\@evil.example/',
    'https://españa.es/back',
    `https://example.org/${'a'.repeat(2000)}`,
  ])('may not be %j', (uri) => {
    for (const name of ['redirectUris', 'postLogoutRedirectUris'])
      expect(linesOf({ [name]: [uri] })).toEqual([expect.stringMatching(new RegExp(`^${name}\\.0: must `))]);
    expect(linesOf({ backchannelLogoutUri: uri })).toHaveLength(1);
    expect(linesOf({ homeUrl: uri })).toHaveLength(1);
  });

  test('is never on the own machine where the gateway is on https', () => {
    const redirectUris = ['http://localhost:8080/back'];
    expect(linesOf({ redirectUris }, production)).toEqual([
      'redirectUris.0: must be an https:// address: this gateway is on https',
    ]);
  });

  test('that is taken is the one that a browser goes to, character by character', () => {
    fc.assert(
      fc.property(fc.webUrl({ withFragments: true, withQueryParameters: true }), (uri) => {
        if (linesOf({ redirectUris: [uri] }).length === 0)
          expect([uri, `${uri}/`]).toContain(new URL(uri).href);
      }),
    );
  });
});

describe('what excludes each other', () => {
  test.each<[object, string[]]>([
    [{ tokenEndpointAuthMethod: 'private_key_jwt' }, ['jwks: is required with private_key_jwt']],
    [{ jwks: { keys: [rsa] } }, ['jwks: goes with private_key_jwt only']],
    [
      { fapi: true },
      [
        'tokenEndpointAuthMethod: must be private_key_jwt with fapi',
        'idTokenSignedResponseAlg: must be PS256 or ES256 with fapi',
      ],
    ],
    [{ ...withKeys(ec), fapi: true, idTokenSignedResponseAlg: 'ES256' }, []],
    [{ means: ['password'], floor: 'substantial' }, ['means: none of them reaches substantial']],
    [{ means: ['password', 'password-sms'], floor: 'substantial' }, []],
    [{ means: ['password', 'password-sms'], floor: 'high' }, ['means: none of them reaches high']],
  ])('%j', (changes, lines) => {
    expect(linesOf(changes)).toEqual(lines);
  });
});

describe('what no citizen could reach', () => {
  test.each(levels)('a floor of %s is taken if some means reaches it', (floor) => {
    const isReached = everyMeans.some((means) =>
      isAtLeast(levels, levelOf(assuranceOf(means, 'advanced')), floor),
    );
    expect(linesOf({ floor })).toEqual(isReached ? [] : [`floor: no means that there is reaches ${floor}`]);
  });

  test('a means that there is not is refused, with those that there are', () => {
    const [line = ''] = linesOf({ means: ['smart-card'] });
    for (const means of everyMeans) expect(line).toContain(means);
  });

  test('the registration that is asked for counts too', () => {
    expect(isReachable({ floor: 'low', registrationFloor: 'advanced', means: ['password'] })).toBe(true);
    // A row that a later release has written.
    expect(isReachable({ floor: 'low', registrationFloor: 'notarial', means: [] })).toBe(false);
  });
});

describe('a key set', () => {
  test('holds public keys for signatures', () => {
    expect(linesOf(withKeys({ ...rsa, kid: 'a', use: 'sig', alg: 'PS256' }, { ...ec, kid: 'b' }))).toEqual(
      [],
    );
  });

  test('never a private one, and says that it is lost', () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    expect(linesOf(withKeys(privateKey.export({ format: 'jwk' })))).toEqual([
      'jwks: holds a private key: it must be replaced, it is known now',
    ]);
  });

  test.each<[string, object[]]>([
    ['no key', []],
    ['a short key', [publicJwk('rsa', { modulusLength: 1024 })]],
    ['a key on another curve', [publicJwk('ec', { namedCurve: 'P-384' })]],
    ['a point off the curve', [{ ...ec, x: Buffer.alloc(32, 1).toString('base64url') }]],
    ['a key without a part', [{ kty: 'RSA', e: 'AQAB' }]],
    ['a secret', [{ kty: 'oct', k: 'c2VjcmV0' }]],
    ['a key for encryption', [{ ...rsa, use: 'enc' }]],
    [
      'two of the same kid',
      [
        { ...rsa, kid: 'a' },
        { ...ec, kid: 'a' },
      ],
    ],
    ['two without a kid', [rsa, ec]],
    ['no object', [7 as unknown as object]],
    ['eleven', Array.from({ length: 11 }, (_, index) => ({ ...ec, kid: String(index) }))],
  ])('with %s is refused', (_, keys) => {
    const lines = linesOf(withKeys(...keys));
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) expect(line).toMatch(/^jwks/);
  });
});
