import { X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type CardReader, startCardReader } from './card-reader-server.ts';
import { makeDemoPki } from './pki/demo-pki.ts';

const pki = makeDemoPki(new Date());
let reader: CardReader;
beforeAll(async () => {
  reader = await startCardReader({ port: 0, pki });
});
afterAll(() => reader.stop());

interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what the contract says is there, and fails if it is not
  readonly body: any;
}

const send = async (method: string, path: string, body?: unknown): Promise<Answer> => {
  const response = await fetch(`${reader.url}${path}`, {
    method,
    ...(body !== undefined && {
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    }),
  });
  return { status: response.status, body: await response.json() };
};
const visit = 'https://a.identidad.localhost:1/?ticket=x';

describe('the card reader by HTTP', () => {
  test('lists its cards, and gives each as PEM and PKCS#12, and the authority of the listener', async () => {
    const { cards } = (await send('GET', '/cards')).body;
    expect(cards.map(({ id }: { id: string }) => id)).toEqual(pki.cards.map(({ id }) => id));
    const text = async (path: string) => (await fetch(`${reader.url}${path}`)).text();
    const pem = await text('/cards/dnie.pem');
    expect(new X509Certificate(pem).raw.equals(pki.cards[0]?.certificate ?? Buffer.alloc(0))).toBe(true);
    expect(pem).toContain('PRIVATE KEY');
    expect(new X509Certificate(await text('/authority.pem')).ca).toBe(true);
    const p12 = await fetch(`${reader.url}/cards/dnie.p12`);
    expect([p12.status, p12.headers.get('Content-Type')]).toEqual([200, 'application/x-pkcs12']);
    expect((await send('GET', '/cards/none.pem')).status).toBe(404);
  });

  test.each([
    ['https://identidad.example.org/?ticket=x'],
    ['http://identidad.localhost/?ticket=x'],
    ['https://localhost.example.org/'],
    ['https://user@identidad.localhost/'],
    ['x'],
  ])('presents no card at %s', async (url) => {
    expect(await send('POST', '/presentations', { url, card: 'dnie', pin: '1234' })).toEqual({
      status: 400,
      body: { code: 'malformed-request' },
    });
  });

  test('says of an unknown card, of a wrong PIN and of a listener that is not there', async () => {
    const insert = (card: string, pin: string) => send('POST', '/presentations', { url: visit, card, pin });
    expect((await insert('none', '1234')).status).toBe(404);
    expect(await insert('accv', '0000')).toEqual({ status: 409, body: { code: 'pin-wrong', left: 2 } });
    expect(await insert('accv', '1234')).toEqual({ status: 502, body: { code: 'not-presented' } });
    // A right PIN sets its counter back.
    expect((await insert('accv', '0000')).body).toEqual({ code: 'pin-wrong', left: 2 });
  });

  test('sets the mode of a responder that there is', async () => {
    expect((await send('PUT', '/responders/dnie', { mode: 'stale' })).body).toEqual({
      ...{ id: 'dnie', mode: 'stale' },
    });
    expect((await send('GET', '/responders')).body.responders).toContainEqual({ id: 'dnie', mode: 'stale' });
    expect((await send('PUT', '/responders/dnie', { mode: 'odd' })).status).toBe(400);
    expect((await send('PUT', '/responders/none', { mode: 'ok' })).status).toBe(404);
  });
});

describe('the card reader’s page', () => {
  const insert = (body: Record<string, string>) =>
    fetch(`${reader.url}/insert`, { method: 'POST', body: new URLSearchParams(body), redirect: 'manual' });

  test('has each card, and the address that it is given', async () => {
    const html = await (await fetch(`${reader.url}/?url=${encodeURIComponent(visit)}`)).text();
    for (const { id } of pki.cards) expect(html).toContain(`value="${id}"`);
    expect(html).toContain(`value="${visit.replace('&', '&amp;')}"`);
  });

  test('says what was wrong, keeps what was typed, and is no way for markup', async () => {
    const response = await insert({ url: visit, card: 'fnmt', pin: '97531' });
    const html = await response.text();
    expect([response.status, html]).toEqual([409, expect.stringContaining('Tries left: 2')]);
    expect(html).toContain(visit);
    expect(html).not.toContain('97531');
    const markup = await (
      await insert({ url: '"><script>alert(1)</script>', card: 'fnmt', pin: '1' })
    ).text();
    expect(markup).not.toContain('<script>');
    expect(response.headers.get('Content-Security-Policy')).toContain("default-src 'none'");
  });
});
