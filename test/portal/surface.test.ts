import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readPortalSettings } from '../../platform/config.ts';
import { createLog } from '../../platform/log.ts';
import { tokenDigest } from '../../platform/secrets.ts';
import { createPortal } from '../../portal/app.ts';
import { SealedBox } from '../../portal/http/sealed-box.ts';
import { Citizen } from '../actors/citizen.ts';
import { type Stack, startStack } from '../environment/stack.ts';

let stack: Stack;
let server: Server;
let url: string;
const log: string[] = [];

beforeAll(async () => {
  stack = await startStack();
  const settings = readPortalSettings({
    API_URL: stack.url,
    FRONT_END_KEY: stack.frontEndKey,
    TRUST_PROXY: '1',
  });
  const to = createLog('test', 'trace', { write: (line) => log.push(line) });
  server = createServer(createPortal({ settings, log: to })).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server?.closeAllConnections();
  server?.close();
  await stack?.stop();
});

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
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).toContain("base-uri 'none'");
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
  expect(cookie).toMatch(/^__Host-clave-form=.*; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
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
    '__Host-clave-session=v1.front-end.AAAA',
    '__Host-clave-session=%',
    '__Host-clave-desk={}',
  ]) {
    expect((await ask('/es/my-clave', { headers: { Cookie } })).headers.get('Location')).toMatch(/sign-in/);
    expect((await ask('/es/desk', { headers: { Cookie } })).headers.get('Location')).toMatch(/sign-in/);
  }
});

test('a desk left open is shut, and a receipt is for the officer who issued it, for an hour', async () => {
  const sealedBox = new SealedBox(stack.frontEndKey);
  const key = stack.officeKey;
  const desk = (untilMs: number) => ({
    Cookie: `__Host-clave-desk=${sealedBox.seal('portal-cookie', 'desk', { key, openedAtMs: 0, untilMs })}`,
  });
  const soon = Date.now() + 60_000;
  expect((await ask('/es/desk', { headers: desk(soon) })).status).toBe(200);
  const shut = await ask('/es/desk', { headers: desk(Date.now() - 1) });
  expect(shut.headers.get('Location')).toBe('/es/desk/sign-in?ended=1');

  const issued = { language: 'es', activationCode: '7K3QM-Z9XWT', issuedAt: new Date().toISOString() };
  const print = async (officer: string, untilMs: number) => {
    const content = { receipt: { ...issued, nationalId: '12345678Z' }, untilMs };
    const receipt = sealedBox.seal('portal-receipt', tokenDigest(officer), content);
    return form('/es/desk', { receipt }, desk(soon), '/es/desk/receipt');
  };
  const right = await print(key, soon);
  expect([right.status, right.headers.get('Content-Type')]).toEqual([200, 'application/pdf']);
  expect(right.headers.get('Cache-Control')).toBe('no-store');
  expect((await print(key, Date.now() - 1)).status).toBe(422);
  expect((await print('another-officer', soon)).status).toBe(422);
});

test.each([
  ['/es/nowhere', 404],
  ['/fr', 404],
  ['/es/journeys/none', 404],
  ['/es/journeys/%E0%A4%A', 400],
  ['/assets/x/portal.css', 404],
  ['/es/../package.json', 404],
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
    const names = ['form', 'journeys', 'session', 'desk'].map((name) => `__Host-clave-${name}=${value}`);
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
