import { expect, test } from '@jest/globals';
import { newNonce, SealedBox } from './sealed-box.ts';

const key = 'front-end-key-of-at-least-24';
const sealedBox = new SealedBox(key);

test('what was sealed is opened for the same purpose and context only', () => {
  const sealed = sealedBox.seal('portal-cookie', 'desk', { key: 'office_secret' });
  expect(sealedBox.open('portal-cookie', 'desk', sealed)).toEqual({ key: 'office_secret' });
  expect(sealedBox.open('portal-cookie', 'session', sealed)).toBeUndefined();
  expect(sealedBox.open('portal-receipt', 'desk', sealed)).toBeUndefined();
  expect(new SealedBox(`${key}!`).open('portal-cookie', 'desk', sealed)).toBeUndefined();
});

test('neither the content nor the key can be read from what is given out', () => {
  const sealed = sealedBox.seal('portal-cookie', 'desk', { key: 'office_secret' });
  const bytes = Buffer.from(sealed.split('.').at(-1) ?? '', 'base64url').toString('latin1');
  expect(bytes).not.toContain('office_secret');
  expect(sealed).not.toContain(key);
});

test('whatever was changed, cut off or made up opens nothing', () => {
  const sealed = sealedBox.seal('portal-cookie', 'desk', 'x');
  const changed = `${sealed.slice(0, -2)}${sealed.at(-2) === 'A' ? 'B' : 'A'}${sealed.at(-1)}`;
  for (const forged of [changed, sealed.slice(0, 20), '', 'v1.front-end.', 'v1.other.abc', undefined])
    expect(sealedBox.open('portal-cookie', 'desk', forged)).toBeUndefined();
});

test('a form sent twice with one content has one key, with another content another', () => {
  const nonce = newNonce();
  const keyOf = (...parts: string[]) => sealedBox.digest('portal-form', [nonce, ...parts]);
  expect(keyOf('a', 'bc')).toBe(keyOf('a', 'bc'));
  expect(keyOf('a', 'bc')).not.toBe(keyOf('ab', 'c'));
  expect(newNonce()).not.toBe(nonce);
});
