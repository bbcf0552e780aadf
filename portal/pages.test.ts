import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { journeyKinds } from '../domain/journeys.ts';
import { readPortalSettings } from '../platform/config.ts';
import { createLog } from '../platform/log.ts';
import { wordings } from '../web/views/wording.ts';
import { createPortal } from './app.ts';
import { addressOfPage, homeServices, pageNames, pages, pagesIn, startPageOf } from './pages.ts';

// No API listens there: a page with a fixed address must render, or redirect to a sign-in page, without the API.
const settings = readPortalSettings({
  API_URL: 'http://127.0.0.1:1',
  FRONT_END_KEY: 'k'.repeat(24),
  PORTAL_COOKIE_KEY: `c1:${Buffer.alloc(32).toString('base64')}`,
});

let server: Server;
beforeAll(async () => {
  server = createServer(createPortal({ settings, log: createLog('test', 'silent') })).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const get = async (page: string) => {
  const { port } = server.address() as AddressInfo;
  const answer = await fetch(`http://127.0.0.1:${port}${addressOfPage(page, 'es')}`, { redirect: 'manual' });
  return { status: answer.status, to: answer.headers.get('Location'), html: await answer.text() };
};

describe.each(pageNames)('the page %s', (name) => {
  test('is answered to those who may open it', async () => {
    const { status, to, html } = await get(name);
    const next = name === 'my-clave' ? '' : `&next=${name}`;
    const signInPages = { citizen: `/es/sign-in?why=needed${next}`, officer: '/es/desk/sign-in' } as const;
    const { access } = pages[name];
    if (access !== 'anyone') return expect([status, to]).toEqual([303, signInPages[access]]);
    expect(status).toBe(200);
    expect(html).toContain('</html>');
  });
});

const linksOf = (html: string) => [...html.matchAll(/href="([^"]+)"/g)].map(([, href]) => href);

test('the web map links to every page that a list shows, the home page to every service', async () => {
  const listed = pageNames.filter((name) => pages[name].section !== 'unlisted');
  const unlisted = pageNames.filter((name) => name !== 'home' && !listed.includes(name));
  expect(unlisted.filter((name) => !name.startsWith('desk'))).toEqual([]);
  const map = await get('web-map');
  expect(linksOf(map.html).filter((link) => link?.includes('/desk'))).toEqual([]);
  for (const name of listed) expect(linksOf(map.html)).toContain(addressOfPage(name, 'es'));
  const home = await get('home');
  for (const name of homeServices) {
    expect(linksOf(home.html)).toContain(addressOfPage(name, 'es'));
    expect(home.html).toContain(wordings.es(`page.${name}` as 'page.activation'));
  }
});

test('the page that starts a journey is a service', () => {
  for (const kind of [...journeyKinds, 'renewal'] as const)
    expect(pagesIn('services')).toContain(startPageOf(kind));
});

test('an unknown page has no address', () => {
  expect(() => addressOfPage('nowhere', 'es')).toThrow(RangeError);
});
