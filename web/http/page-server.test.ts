import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@jest/globals';
import { createPageServer } from './page-server.ts';

test('pages beyond the admission limit are refused with a page, and probes are answered all the same', async () => {
  let letGo = () => {};
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const paths: string[] = [];
  let begin = () => {};
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const server = createPageServer(
    async ({ url = '' }, response) => {
      paths.push(url);
      begin();
      if (url === '/es') await held;
      response.end();
    },
    { maxConcurrent: 1 },
  );
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const first = fetch(`${url}/es`);
  await begun;

  const refused = await fetch(`${url}/es/sign-in`, { headers: { 'Accept-Language': 'eu' } });
  expect([refused.status, refused.headers.get('Content-Language')]).toEqual([503, 'eu']);
  expect(Object.fromEntries(refused.headers)).toMatchObject({
    'cache-control': 'no-store',
    'content-security-policy': "default-src 'none';frame-ancestors 'none'",
    'retry-after': '5',
    'x-content-type-options': 'nosniff',
  });
  expect(await refused.text()).toMatch(/<html lang="eu">[\s\S]+<h1>.+<\/h1>/);
  for (const probe of ['/healthz', '/readyz']) expect((await fetch(url + probe)).status).toBe(200);

  letGo();
  expect((await first).status).toBe(200);
  expect((await fetch(`${url}/es/sign-in`)).status).toBe(200);
  expect(paths).toEqual(['/es', '/healthz', '/readyz', '/es/sign-in']);
  server.closeAllConnections();
  server.close();
});
