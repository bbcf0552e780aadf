import { randomBytes } from 'node:crypto';
import { expect, test } from '@jest/globals';
import type { SecretKey } from '../../platform/config.ts';
import { newNonce, SealedBox } from './sealed-box.ts';

const key = (id: string): SecretKey => ({ id, bytes: randomBytes(32) });
const current = key('c1');
const sealedBox = new SealedBox([current], 'portal');

test('what was sealed is opened for the same purpose and context only', () => {
  const sealed = sealedBox.seal('portal-cookie', 'desk', { key: 'office_secret' });
  expect(sealedBox.open('portal-cookie', 'desk', sealed)).toEqual({ key: 'office_secret' });
  expect(sealedBox.open('portal-cookie', 'session', sealed)).toBeUndefined();
  expect(sealedBox.open('portal-receipt', 'desk', sealed)).toBeUndefined();
  expect(new SealedBox([key('c1')], 'portal').open('portal-cookie', 'desk', sealed)).toBeUndefined();
});

test('pages and gateway make nothing for each other, even with one key', () => {
  const gateway = new SealedBox([current], 'gateway');
  expect([gateway.cookiePurpose, gateway.formPurpose]).toEqual(['gateway-cookie', 'gateway-form']);
  const sealed = gateway.seal(gateway.cookiePurpose, 'language', 'eu');
  expect(sealedBox.open(sealedBox.cookiePurpose, 'language', sealed)).toBeUndefined();
  expect(gateway.digest(gateway.formPurpose, ['a'])).not.toBe(sealedBox.digest(sealedBox.formPurpose, ['a']));
});

test('what was sealed under the former key is opened while the ring holds it', () => {
  const next = key('c2');
  const sealed = sealedBox.seal('portal-cookie', 'session', 'token');
  expect(new SealedBox([next, current], 'portal').open('portal-cookie', 'session', sealed)).toBe('token');
  expect(new SealedBox([next], 'portal').open('portal-cookie', 'session', sealed)).toBeUndefined();
});

test('neither the content nor the key can be read from what is given out', () => {
  const sealed = sealedBox.seal('portal-cookie', 'desk', { key: 'office_secret' });
  const bytes = Buffer.from(sealed.split('.').at(-1) ?? '', 'base64url').toString('latin1');
  expect(bytes).not.toContain('office_secret');
  for (const encoding of ['base64', 'base64url', 'hex'] as const)
    expect(sealed).not.toContain(current.bytes.toString(encoding));
});

test('whatever was changed, cut off or made up opens nothing', () => {
  const sealed = sealedBox.seal('portal-cookie', 'desk', 'x');
  const changed = `${sealed.slice(0, -2)}${sealed.at(-2) === 'A' ? 'B' : 'A'}${sealed.at(-1)}`;
  for (const forged of [changed, sealed.slice(0, 20), '', 'v1.c1.', 'v1.other.abc', undefined])
    expect(sealedBox.open('portal-cookie', 'desk', forged)).toBeUndefined();
});

test('a form sent twice with one content has one key, with another content another', () => {
  const nonce = newNonce();
  const keyOf = (...parts: string[]) => sealedBox.digest('portal-form', [nonce, ...parts]);
  expect(keyOf('a', 'bc')).toBe(keyOf('a', 'bc'));
  expect(keyOf('a', 'bc')).not.toBe(keyOf('ab', 'c'));
  expect(newNonce()).not.toBe(nonce);
});
