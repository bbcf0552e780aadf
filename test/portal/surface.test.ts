import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { exchange } from '../../drills/fuzz/exchange.ts';
import { readPortalSettings, type SecretKey } from '../../platform/config.ts';
import { createLog } from '../../platform/log.ts';
import { createPortal } from '../../portal/app.ts';
import { createPageServer } from '../../web/http/page-server.ts';
import { SealedBox } from '../../web/http/sealed-box.ts';
import { activeCitizen, Citizen } from '../actors/citizen.ts';
import { goodPassword } from '../actors/credentials.ts';
import { type Stack, startStack } from '../environment/stack.ts';

let stack: Stack;
let server: Server;
let url: string;
const log: string[] = [];

const cookieKey: SecretKey = { id: 'c1', bytes: randomBytes(32) };
const settingsOf = ({ url: API_URL, frontEndKey: FRONT_END_KEY }: Stack) =>
  readPortalSettings({
    ...{ API_URL, FRONT_END_KEY, TRUST_PROXY: '1' },
    PORTAL_COOKIE_KEY: `c1:${cookieKey.bytes.toString('base64')}`,
  });

beforeAll(async () => {
  stack = await startStack();
  const settings = settingsOf(stack);
  const to = createLog('test', 'trace', { write: (line) => log.push(line) });
  server = createPageServer(createPortal({ settings, log: to }));
  url = await listening(server);
});
afterAll(async () => {
  server?.closeAllConnections();
  server?.close();
  await stack?.stop();
});

const listening = async (pages: Server): Promise<string> => {
  await once(pages.listen(0, '127.0.0.1'), 'listening');
  return `http://127.0.0.1:${(pages.address() as AddressInfo).port}`;
};

const ask = (path: string, options: RequestInit = {}) =>
  fetch(`${url}${path}`, { redirect: 'manual', ...options });

/** Loads the page of a form and submits it as a browser does, with its cookies and hidden fields. */
async function form(
  path: string,
  fields: Record<string, string>,
  headers: Record<string, string> = {},
  action = path,
) {
  const page = await ask(path, { headers });
  const text = await page.text();
  const hidden = (name: string) => new RegExp(`name="${name}" value="([^"]*)"`).exec(text)?.[1] ?? '';
  const cookie = page.headers
    .getSetCookie()
    .map((one) => one.split(';')[0])
    .join('; ');
  const body = new URLSearchParams({ csrf: hidden('csrf'), nonce: hidden('nonce'), ...fields });
  const Cookie = [headers['Cookie'], cookie].filter(Boolean).join('; ');
  return ask(action, { method: 'POST', body, headers: { ...headers, Cookie } });
}

test('the first address leads to the language that the browser likes best', async () => {
  for (const [header, to] of [
    ['eu,es;q=0.5', '/eu'],
    ['ca-valencia', '/ca-valencia'],
    ['fr', '/es'],
  ] as const) {
    const answer = await ask('/', { headers: { 'Accept-Language': header } });
    expect([answer.status, answer.headers.get('Location')]).toEqual([302, to]);
  }
});

test('pages cannot be framed, may not be stored, and run only our own scripts', async () => {
  const answer = await ask('/es/activation');
  const policy = answer.headers.get('Content-Security-Policy') ?? '';
  expect(policy).toMatch(/default-src 'none';script-src 'self' 'nonce-[^']+';style-src 'self'/);
  for (const rule of ["frame-ancestors 'none'", "form-action 'self'", "base-uri 'none'"])
    expect(policy.split(';')).toContain(rule);
  expect(policy).not.toMatch(/unsafe|https?:|\*/);
  const nonce = /'nonce-([^']+)'/.exec(policy)?.[1] ?? '-';
  const text = await answer.text();
  for (const [script] of text.matchAll(/<script[^>]*>/g))
    expect(script).toMatch(new RegExp(`src=|nonce="${nonce.replace(/[+/=]/g, '.')}"`));
  expect(text).not.toMatch(/ style=| on[a-z]+="/);
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    'cache-control': 'no-store',
    'content-language': 'es',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'same-origin',
  });
  expect(answer.headers.get('X-Powered-By')).toBeNull();
  const [cookie = ''] = answer.headers.getSetCookie();
  expect(cookie).toMatch(/^__Host-clave-form-[\w-]+=.*; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
});

test('a form from elsewhere is not taken: without its token, with another’s, or begun by another site', async () => {
  const { nationalId, email } = new Citizen(stack).data;
  const fields = { nationalId, email, activationCode: 'ZZZZZ-ZZZZZ' };
  const right = await form('/es/activation', fields);
  expect(right.status).toBe(422);
  for (const refused of [
    await form('/es/activation', { ...fields, csrf: '' }),
    await form('/es/activation', { ...fields, csrf: 'a'.repeat(64) }),
    await ask('/es/activation', { method: 'POST', body: new URLSearchParams(fields) }),
    await form('/es/activation', fields, { 'Sec-Fetch-Site': 'cross-site' }),
    await form('/es/activation', fields, { 'Sec-Fetch-Site': 'same-site' }),
  ])
    expect(refused.status).toBe(403);
});

test('the service counts under the citizen’s own address', async () => {
  const { nationalId, email } = new Citizen(stack).data;
  const fields = { nationalId, email, activationCode: 'ZZZZZ-ZZZZZ' };
  await form('/es/activation', fields, { 'X-Forwarded-For': '203.0.113.7', 'User-Agent': 'A browser' });
  await form('/es/activation', fields, { 'X-Forwarded-For': '2001:db8::7' });
  const noted = await stack.db.prisma.request.findMany({ where: { route: '/activations' } });
  expect(noted.map(({ ip }) => ip)).toEqual(expect.arrayContaining(['203.0.113.7', '2001:db8::7']));
  expect(noted.map(({ userAgent }) => userAgent)).toContain('A browser');
});

test('a page that sets a password names the citizen, in a hidden field, and the rules, for password managers', async () => {
  const citizen = await activeCitizen(stack);
  const { nationalId } = citizen.data;
  const typed = ` ${nationalId.slice(0, 8)}-${nationalId.slice(8).toLowerCase()}`;
  const signedIn = await form('/es/sign-in', { nationalId: typed, password: goodPassword });
  expect(signedIn.headers.get('Location')).toBe('/es/my-clave');
  const Cookie = signedIn.headers
    .getSetCookie()
    .map((one) => one.split(';')[0])
    .join('; ');
  const page = await (await ask('/es/password-change', { headers: { Cookie } })).text();
  expect(page).toContain(`name="username" value="${nationalId}" autocomplete="username" hidden`);
  expect(page.match(/passwordrules="minlength: 8; /g)).toHaveLength(2);

  // A release before this one kept the name of a journey where that of the session is now: it is not taken for it.
  const session = Cookie.split('; ').filter((one) => !one.startsWith('__Host-clave-username'));
  const sealed = new SealedBox([cookieKey], 'portal').seal('portal-cookie', 'username', {
    nationalId: '12345678Z',
    journeyId: 'another',
  });
  const former = [...session, `__Host-clave-username=${sealed}`].join('; ');
  const unnamed = await (await ask('/es/password-change', { headers: { Cookie: former } })).text();
  expect(unnamed).toContain('passwordrules=');
  expect(unnamed).not.toContain('name="username"');
});

test('a form sent twice has one effect; what it says again is what it said', async () => {
  const citizen = await new Citizen(stack).register();
  const { nationalId, email } = citizen.data;
  const page = await (await ask('/es/activation')).text();
  const nonce = /name="nonce" value="([^"]*)"/.exec(page)?.[1] ?? '';
  const fields = { nationalId, email, activationCode: citizen.activationCode, nonce };
  const [first, second] = await Promise.all([form('/es/activation', fields), form('/es/activation', fields)]);
  expect(first?.status).toBe(303);
  expect(second?.headers.get('Location')).toBe(first?.headers.get('Location'));
  expect(await stack.db.prisma.journey.count({ where: { citizenId: citizen.citizenId } })).toBe(1);
});

test('what a cookie says that was not sealed here counts as nothing', async () => {
  for (const Cookie of [
    '__Host-clave-session=v1.c1.AAAA',
    '__Host-clave-session=%',
    '__Host-clave-desk={}',
  ]) {
    expect((await ask('/es/my-clave', { headers: { Cookie } })).headers.get('Location')).toMatch(/sign-in/);
    expect((await ask('/es/desk', { headers: { Cookie } })).headers.get('Location')).toMatch(/sign-in/);
  }
});

test.each([
  ['/es/nowhere', 404],
  ['/fr', 404],
  ['/es/journeys/none', 404],
  ['/es/journeys/%E0%A4%A', 400],
  ['/assets/x/portal.css', 404],
  ['/es/../package.json', 404],
  // Another spelling of a path, which a proxy's rule for that path would not see.
  ['/es/DESK/sign-in', 404],
  ['/es/desk/sign-in/', 404],
  ['/%65s/desk/sign-in', 404],
  ['/ES/desk/sign-in', 404],
  ['/HEALTHZ', 404],
])('%s is answered %s, with a page', async (path, status) => {
  const answer = await ask(path);
  expect(answer.status).toBe(status);
  expect(await answer.text()).toContain('</html>');
});

test('no form input, and no journey, is in the log', async () => {
  const { nationalId, email } = new Citizen(stack).data;
  await form('/es/activation', { nationalId, email, activationCode: 'ZZZZZ-ZZZZZ' });
  await ask('/es/journeys/some-journey');
  const all = log.join('');
  expect(all).toContain('/journeys/:id');
  for (const secret of [nationalId, email, 'ZZZZZ', 'some-journey', '127.0.0.1'])
    expect(all).not.toContain(secret);
});

test('a cookie that is no text of ours is as none', async () => {
  for (const value of ['j:{"a":1}', 'j:[1]', 's:x.y', '%E0%A4%A']) {
    const names = ['form-x', 'journey-x', 'session', 'desk', 'desk-page-x'].map(
      (name) => `__Host-clave-${name}=${value}`,
    );
    const answer = await ask('/es/activation', { headers: { Cookie: names.join('; ') } });
    expect([value, answer.status]).toEqual([value, 200]);
  }
});

test('the address of a proxy that leaves a port with it is the visitor’s all the same', async () => {
  for (const address of ['192.0.2.77:5678', '[2001:db8::77]:5678']) {
    const fields = { nationalId: '12345678Z', email: 'nobody@example.org', activationCode: 'ZZZZZ-ZZZZZ' };
    await form('/es/activation', fields, { 'X-Forwarded-For': address });
  }
  const seen = await stack.db.prisma.request.findMany({ orderBy: { at: 'desc' }, take: 2 });
  expect(seen.map(({ ip }) => ip)).toEqual(['2001:db8::77', '192.0.2.77']);
});

test('the host of an absolute target, which the client chooses, is in no link and no form', async () => {
  const asked =
    'GET http://evil.example/es/sign-in?why=needed HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';
  const pieces = [Buffer.from(asked)];
  const { status, text } = await exchange(new URL(url), { method: 'GET', pieces, closesAfterwards: false });
  expect(status).toBe(200);
  expect(text).not.toContain('evil.example');
  expect(text).toContain('action="/es/sign-in"');
  expect(text).toContain('href="/ca/sign-in?why=needed"');
});

test('an address that asks for too many pages is refused for a while, another one is not', async () => {
  const settings = settingsOf(stack);
  const budget = { max: 2, per: 'PT1H' };
  const pages = createPageServer(createPortal({ settings, log: createLog('test', 'silent'), budget }));
  const at = await listening(pages);
  const from = (address: string, path = '/ca/web-map') =>
    fetch(at + path, { headers: { 'X-Forwarded-For': address, 'Accept-Language': 'ca' } });
  const statuses = [];
  for (let page = 0; page < 3; page += 1) statuses.push((await from('192.0.2.90')).status);
  expect([...statuses, (await from('192.0.2.91')).status]).toEqual([200, 200, 429, 200]);
  const refused = await from('192.0.2.90');
  expect(Number(refused.headers.get('Retry-After'))).toBeGreaterThan(3_500);
  expect(await refused.text()).toContain('<html lang="ca">');
  expect((await from('192.0.2.90', '/healthz')).status).toBe(200);
  pages.closeAllConnections();
  pages.close();
});
