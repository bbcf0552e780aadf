import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { languages } from '../../domain/languages.ts';
import { readPortalSettings } from '../../platform/config.ts';
import { createLog } from '../../platform/log.ts';
import { createPortal } from '../../portal/app.ts';
import { readOffices } from '../../portal/offices/offices.ts';
import { citizenPage } from '../../portal/pages.ts';
import { wordings } from '../../web/views/wording.ts';

// No API listens there.
const settings = readPortalSettings({
  API_URL: 'http://127.0.0.1:1',
  FRONT_END_KEY: 'k'.repeat(24),
  PORTAL_COOKIE_KEY: `c1:${Buffer.alloc(32).toString('base64')}`,
});

let server: Server;
let origin: string;
beforeAll(async () => {
  server = createServer(createPortal({ settings, log: createLog('test', 'silent') })).listen(0, '127.0.0.1');
  await once(server, 'listening');
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const get = (path: string, headers: Record<string, string> = {}) =>
  fetch(`${origin}${path}`, { redirect: 'manual', headers });
const htmlOf = async (path: string): Promise<string> => (await get(path)).text();

/** Submits the form of a page with these fields; returns the page that answers. */
async function submit(path: string, fields: Record<string, string>): Promise<string> {
  const page = await get(path);
  const html = await page.text();
  const csrf = /name="csrf" value="([^"]*)"/.exec(html)?.[1] ?? '';
  const Cookie = page.headers.getSetCookie().map((cookie) => cookie.split(';')[0]);
  const answer = await fetch(`${origin}${path.split('?')[0]}`, {
    method: 'POST',
    body: new URLSearchParams({ csrf, ...fields }),
    headers: { Cookie: Cookie.join('; ') },
  });
  return answer.text();
}

test.each(languages)('an error is announced once as an error in %s', async (language) => {
  const html = await submit(`/${language}/sign-in`, {});
  const prefix = wordings[language]('site.error-prefix');
  expect(prefix).toMatch(/^\p{L}+$/u);
  expect(html).toContain(`<span class="govuk-visually-hidden">${prefix}:</span>`);
  expect(html).toContain(`<title>${prefix}: `);
});

test('an error of the whole form links to its first field', async () => {
  const html = await submit('/es/sign-in', { nationalId: '12345678Z', password: 'x' });
  expect(html).toMatch(/<a href="#nationalId">El servicio no está disponible/);
  expect(html).not.toContain('govuk-error-message');
});

describe('the page to return to after signing in', () => {
  test('is kept in the form, also when the form is refused', async () => {
    const asked = await get('/es/unsubscription');
    expect(asked.headers.get('Location')).toBe('/es/sign-in?why=needed&next=unsubscription');
    const kept = '<input type="hidden" name="next" value="unsubscription">';
    expect(await htmlOf('/es/sign-in?why=needed&next=unsubscription')).toContain(kept);
    expect(await submit('/es/sign-in', { next: 'unsubscription' })).toContain(kept);
  });

  test('is one of our own that needs a session, and no address', () => {
    for (const other of [
      'https://evil.example',
      '//evil.example',
      '/es/my-clave',
      'home',
      'desk',
      '',
      '__proto__',
    ])
      expect(citizenPage(other)).toBeUndefined();
    expect(citizenPage('password-change')).toBe('password-change');
  });
});

test('a change of language keeps the question of the address', async () => {
  expect(await htmlOf('/es/sign-in?why=ended')).toContain('href="/eu/sign-in?why=ended"');
});

test('a page names itself in each language, by whole addresses', async () => {
  const html = await htmlOf('/gl/faq');
  for (const language of languages)
    expect(html).toContain(`hreflang="${language}" href="${origin}/${language}/faq"`);
  expect(html).toContain(`hreflang="x-default" href="${origin}/es/faq"`);
});

test('browsers, password managers and search engines find what they look for', async () => {
  const change = await get('/.well-known/change-password', { 'Accept-Language': 'eu' });
  expect([change.status, change.headers.get('Location')]).toEqual([302, '/eu/password-change']);
  const icon = await get('/favicon.ico');
  expect((await get(icon.headers.get('Location') ?? '')).headers.get('Content-Type')).toContain('svg');
  expect(await htmlOf('/robots.txt')).toMatch(/^User-agent: \*\nDisallow: /);
});

test('the rules for a password are those of our own files while the API is silent', async () => {
  const html = await htmlOf('/es/password-features');
  expect(html).toContain('16 caracteres o más');
  // The symbols are named once.
  expect(html.match(/>¡!\$\?%/g)).toHaveLength(1);
});

describe('the registration offices', () => {
  test('are found by province without a script, and said to be a sample', async () => {
    const html = await htmlOf('/es/offices?province=Bizkaia');
    expect(html).toContain('Oficina de ejemplo 5 (Bilbao)');
    expect(html.match(/Oficina de ejemplo/g)).toHaveLength(1);
    expect(html).toContain(wordings.es('offices.sample'));
    expect((await htmlOf('/es/offices?province=Nowhere')).match(/Oficina de ejemplo/g)).toHaveLength(10);
  });

  test('are linked wherever a page sends the citizen to one, with a number to call', async () => {
    for (const page of ['lost-code', 'faq', 'contact', 'how-it-works']) {
      const html = await htmlOf(`/ca/${page}`);
      expect(html).toContain('href="/ca/offices"');
      expect(html).toContain('<a class="govuk-link" href="tel:060">060</a>');
    }
  });

  test.each([
    ['a postcode of four digits', { postcode: '2800' }],
    ['an appointment that is no https address', { appointmentUrl: 'javascript:alert(1)' }],
    ['an unknown member', { fax: '1' }],
  ])('are refused with %s', (_, wrong) => {
    const office = { name: 'A', address: 'B', postcode: '28001', town: 'C', province: 'D' };
    const file = (one: object) => JSON.stringify({ isSample: false, offices: [one] });
    expect(readOffices(file(office)).offices).toHaveLength(1);
    expect(() => readOffices(file({ ...office, ...wrong }))).toThrow();
  });
});
