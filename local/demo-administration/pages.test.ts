import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { partyFrom } from '../../domain/gateway/party-file.ts';
import type { Identified } from './oidc-client.ts';
import { contentSecurityPolicy, errorPage, resultPage, startPage } from './pages.ts';
import { demoParty } from './party.ts';

const nasty = '<script>alert("1")</script>';
const identified: Identified = {
  asked: { level: 'low', scopes: ['profile'], language: '', pushed: false },
  level: 'substantial',
  idToken: 'a.b.c',
  idTokenHeader: { alg: 'RS256' },
  idTokenClaims: { sub: 'pseudonym', amr: ['pwd', 'otp'] },
  userinfo: { name: nasty, [nasty]: 1 },
  tokenAnswer: { expires_in: 600 },
};

test('what came back is shown in full, and is never HTML', () => {
  const page = resultPage(identified);
  for (const text of ['pseudonym', 'substantial', 'RS256', 'a.b.c', '600', '&lt;script&gt;'])
    expect(page).toContain(text);
  expect(page).not.toContain('<script');
});

test('an error shows what the client says and what the gateway answered, and is never HTML', () => {
  const cause = new URLSearchParams({ error: 'access_denied', error_description: nasty });
  const page = errorPage(
    Object.assign(new Error('authorization response is an error', { cause }), { code: 'OAUTH' }),
  );
  for (const text of ['OAUTH', 'access_denied', '&lt;script&gt;']) expect(page).toContain(text);
  expect(page).not.toContain('<script');
});

test('the one style is permitted by its hash, no script is, and forms lead here and to the gateway', () => {
  const [, style = ''] = /<style>([\s\S]*)<\/style>/.exec(startPage({ wasVoided: false })) ?? [];
  const policy = contentSecurityPolicy('http://localhost:3004');
  expect(policy).toContain(`'sha256-${createHash('sha256').update(style).digest('base64')}'`);
  expect(policy).toContain("form-action 'self' http://localhost:3004");
  expect(policy).not.toContain('script-src');
});

test('its registration is a file that the operator’s command takes', () => {
  expect(partyFrom(demoParty('http://localhost:3005'), { loopbackPermitted: true })).toHaveProperty('party');
});
