import { randomBytes, randomUUID } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { ResponseRandomness } from '../../platform/response-randomness.ts';
import { KeyRing } from '../../platform/secrets.ts';
import { browserToken } from './known-browser.ts';

const ring = new KeyRing([{ id: 'k1', bytes: randomBytes(32) }]);
const signIn = { citizenId: randomUUID(), credentialId: randomUUID(), startedAt: new Date() };
const bytesOf = (token: string): Buffer => Buffer.from(token.split('.').at(-1) ?? '', 'base64url');
const nonceOf = (token: string): string => bytesOf(token).subarray(0, 12).toString('hex');

test('the token of a browser is the same for a repetition, and of one length', () => {
  const randomness = new ResponseRandomness();
  const token = browserToken(signIn, randomness, ring);
  expect(browserToken(signIn, new ResponseRandomness(randomness.bytes), ring)).toBe(token);
  const other = { citizenId: randomUUID(), credentialId: randomUUID(), startedAt: new Date(0) };
  expect(browserToken(other, new ResponseRandomness(), ring)).toHaveLength(token.length);
});

test('no nonce seals two values: another citizen, password, instant or request has another', () => {
  const randomness = new ResponseRandomness();
  const tokens = [
    browserToken(signIn, randomness, ring),
    browserToken(signIn, new ResponseRandomness(), ring),
    browserToken({ ...signIn, citizenId: randomUUID() }, randomness, ring),
    browserToken({ ...signIn, credentialId: randomUUID() }, randomness, ring),
    browserToken({ ...signIn, startedAt: new Date(0) }, randomness, ring),
  ];
  expect(new Set(tokens.map(nonceOf)).size).toBe(tokens.length);
});

test('it shows neither whose it is nor when it was made', () => {
  const token = browserToken(signIn, new ResponseRandomness(), ring);
  const readable = token + bytesOf(token).toString('latin1');
  for (const secret of [signIn.citizenId, signIn.credentialId, signIn.startedAt.toISOString().slice(0, 10)])
    expect(readable).not.toContain(secret);
});
