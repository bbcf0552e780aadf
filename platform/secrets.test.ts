import { randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { SecretKey } from './config.ts';
import { KeyRing, type Purpose, sameSecret } from './secrets.ts';

const key = (id: string): SecretKey => ({ id, bytes: randomBytes(32) });
const [first, second] = [key('k1'), key('k2')];

describe('a ring of secret keys', () => {
  test('never uses a key directly, and gives each purpose a subkey of its own', () => {
    const ring = new KeyRing([first]);
    const every: Record<Purpose, true> = {
      'activation-code': true,
      otp: true,
      'otp-fingerprint': true,
      idempotency: true,
      password: true,
      payload: true,
      phone: true,
      decoy: true,
      address: true,
      backup: true,
      'known-browser': true,
      'certificate-evidence': true,
      'national-id': true,
      'act-evidence': true,
      'act-receipt': true,
      'portal-browser': true,
      'portal-cookie': true,
      'portal-form': true,
      'portal-receipt': true,
      'gateway-browser': true,
      'gateway-cookie': true,
      'gateway-form': true,
      'gateway-key': true,
      'gateway-signature': true,
    };
    const purposes = Object.keys(every) as Purpose[];
    const subkeys = purposes.map((purpose) => ring.subkey(purpose).toString('hex'));
    expect(new Set(subkeys).size).toBe(purposes.length);
    expect(subkeys).not.toContain(first.bytes.toString('hex'));
  });

  test('makes with the first key and verifies with all, so that a key can be changed', () => {
    const before = new KeyRing([first]).fingerprint('activation-code', ['citizen', 'ABCDE']);
    const after = new KeyRing([second, first]);
    expect(after.fingerprint('activation-code', ['citizen', 'ABCDE']).keyId).toBe('k2');
    expect(after.fingerprints('activation-code', ['citizen', 'ABCDE'])).toContainEqual(before);
    expect(after.fingerprints('activation-code', ['citizen', 'ABCDF'])).not.toContainEqual(before);
  });

  test('tells apart parts that read the same when joined', () => {
    const ring = new KeyRing([first]);
    fc.assert(
      fc.property(fc.string(), fc.string({ minLength: 1 }), (a, b) => {
        expect(ring.mac('otp', [a, b])).not.toEqual(ring.mac('otp', [a + b, '']));
      }),
    );
  });

  test('says which key is missing when one was taken away too early', () => {
    const sealed = new KeyRing([first]).seal('idempotency', 'row', Buffer.from('seed'));
    expect(() => new KeyRing([second]).open('idempotency', 'row', sealed)).toThrow('k1');
  });
});

describe('a sealed value', () => {
  const ring = new KeyRing([second, first]);

  test('opens with the key that made it, after that key has been succeeded', () => {
    const sealed = new KeyRing([first]).seal('idempotency', 'row', Buffer.from('seed'));
    expect(ring.open('idempotency', 'row', sealed).toString()).toBe('seed');
  });

  test.each<[string, (sealed: string) => Buffer]>([
    ['under another context', (sealed) => ring.open('idempotency', 'other row', sealed)],
    ['for another purpose', (sealed) => ring.open('otp', 'row', sealed)],
    [
      'with one character changed',
      (sealed) =>
        ring.open(
          'idempotency',
          'row',
          sealed.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')),
        ),
    ],
    ['of an unknown version', (sealed) => ring.open('idempotency', 'row', sealed.replace('v1', 'v2'))],
  ])('does not open %s', (_how, open) => {
    const sealed = ring.seal('idempotency', 'row', randomBytes(32));
    expect(() => open(sealed)).toThrow();
  });

  test('is not opened by a tag that is shorter than made, which could be guessed', () => {
    for (const length of [4, 8, 15])
      expect(() =>
        ring.open('idempotency', 'row', `v1.k1.${Buffer.alloc(length).toString('base64url')}`),
      ).toThrow('Invalid authentication tag length');
  });

  test('is another text each time and never holds the plain one', () => {
    const plain = Buffer.from('7K3QM9ZXWT');
    const texts = [ring.seal('idempotency', 'row', plain), ring.seal('idempotency', 'row', plain)];
    expect(texts[0]).not.toBe(texts[1]);
    for (const text of texts)
      expect(Buffer.from(text.split('.')[2] ?? '', 'base64url').includes(plain)).toBe(false);
  });
});

test('secrets are the same only if every character is', () => {
  expect(sameSecret('a'.repeat(40), 'a'.repeat(40))).toBe(true);
  expect(sameSecret('a'.repeat(40), `${'a'.repeat(39)}b`)).toBe(false);
  expect(sameSecret('a', 'aa')).toBe(false);
});
