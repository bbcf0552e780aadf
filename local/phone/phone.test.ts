import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import twilio from 'twilio';
import { type PhoneServer, startPhone } from './phone-server.ts';

const accountSid = `AC${'0123456789abcdef'.repeat(2)}`;
const authToken = 'a-token-for-this-test';
const to = '+34600000001';
const from = '+34700000000';

let phone: PhoneServer;

beforeAll(async () => {
  phone = await startPhone({ port: 0, accountSid, authToken });
});
afterAll(() => phone.stop());
beforeEach(() => {
  phone.clear();
  phone.clearFaults();
});

/** The real SDK; only the host of its requests is another. */
function client(token = authToken, timeout = 2_000) {
  const http = new twilio.RequestClient({ timeout });
  const request = http.request.bind(http);
  http.request = (options) =>
    request({ ...options, uri: options.uri.replace('https://api.twilio.com', phone.url), timeout });
  return twilio(accountSid, token, { httpClient: http });
}

const send = (options: Partial<Parameters<ReturnType<typeof client>['messages']['create']>[0]> = {}) =>
  client().messages.create({ to, from, body: 'Your code is 123456', ...options });

const asRaw = (body: Record<string, string>, account = accountSid) =>
  fetch(`${phone.url}/2010-04-01/Accounts/${account}/Messages.json`, {
    method: 'POST',
    headers: { Authorization: `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}` },
    body: new URLSearchParams(body),
  });

describe('with the real SDK', () => {
  test('takes a message and tells it as Twilio does', async () => {
    const message = await send();
    expect(message).toMatchObject({
      to,
      from,
      body: 'Your code is 123456',
      status: 'queued',
      numSegments: '1',
      errorCode: null,
    });
    expect(message.sid).toMatch(/^SM[0-9a-f]{32}$/);
    expect(Math.abs(message.dateCreated.getTime() - Date.now())).toBeLessThan(5_000);
    expect(phone.messages(to)).toMatchObject([{ sid: message.sid, to, from, body: 'Your code is 123456' }]);
    expect(phone.messages('+34600000002')).toEqual([]);
  });

  test('fetches, lists over several pages and deletes', async () => {
    const sent = [await send({ body: 'one' }), await send({ body: 'two' }), await send({ body: 'three' })];
    const sid = sent[0]?.sid ?? '';
    expect((await client().messages(sid).fetch()).body).toBe('one');
    const listed = await client().messages.list({ to, pageSize: 2 });
    expect(listed.map(({ body }) => body)).toEqual(['three', 'two', 'one']);
    await client().messages(sid).remove();
    await expect(client().messages(sid).fetch()).rejects.toMatchObject({ status: 404, code: 20404 });
  });

  test('counts segments: GSM-7, its escapes, and UCS-2 for á', async () => {
    expect((await send({ body: 'ñ'.repeat(160) })).numSegments).toBe('1');
    expect((await send({ body: `${'x'.repeat(159)}€` })).numSegments).toBe('2');
    expect((await send({ body: 'á'.repeat(71) })).numSegments).toBe('2');
  });

  test('refuses a wrong token with 20003', async () => {
    await expect(client('wrong').messages.create({ to, from, body: 'x' })).rejects.toMatchObject({
      status: 401,
      code: 20003,
    });
  });

  test.each([
    ['a number that is none', { to: '+34 600' }, 21211],
    ['a sender that is none', { from: 'a sender far too long' }, 21606],
    ['no text', { body: '' }, 21602],
    ['a text too long', { body: 'x'.repeat(1601) }, 21617],
    ['a callback that is no URL', { statusCallback: 'nowhere' }, 21609],
  ])('refuses %s', async (_what, options, code) => {
    await expect(send(options)).rejects.toMatchObject({ status: 400, code });
    expect(phone.messages()).toEqual([]);
  });

  test('signs its status callbacks, sent and then delivered', async () => {
    const { callback, seen } = await listening();
    // What follows the # is for Twilio itself, and neither sent nor signed.
    const { sid } = await send({ statusCallback: `${callback}#rc=3&rp=5xx` });
    await untilSeen(seen, 2);
    expect(seen).toEqual([
      { MessageSid: sid, MessageStatus: 'sent', signed: true },
      { MessageSid: sid, MessageStatus: 'delivered', signed: true },
    ]);
    expect((await client().messages(sid).fetch()).status).toBe('delivered');
  });

  test('tells what became of a message that does not arrive, with the code that was asked for', async () => {
    const { callback, seen } = await listening();
    phone.addFault({ delivery: 'undelivered', code: 30_005, times: 1 });
    const { sid } = await send({ statusCallback: callback });
    await untilSeen(seen, 2);
    phone.addFault({ delivery: 'failed', times: 1 });
    const other = await send({ statusCallback: callback });
    await untilSeen(seen, 3);
    expect(seen).toEqual([
      { MessageSid: sid, MessageStatus: 'sent', signed: true },
      { MessageSid: sid, MessageStatus: 'undelivered', ErrorCode: '30005', signed: true },
      { MessageSid: other.sid, MessageStatus: 'failed', ErrorCode: '30003', signed: true },
    ]);
    expect(await client().messages(sid).fetch()).toMatchObject({ status: 'undelivered', errorCode: 30_005 });
  });

  test('tells nothing where it was told to be silent', async () => {
    const { callback, seen } = await listening();
    phone.addFault({ silent: true, times: 1 });
    const { sid } = await send({ statusCallback: callback });
    while ((await client().messages(sid).fetch()).status !== 'delivered')
      await new Promise((resolve) => setTimeout(resolve, 10));
    await send({ statusCallback: callback });
    await untilSeen(seen, 1);
    expect(seen[0]?.MessageSid).not.toBe(sid);
  });
});

interface Seen {
  readonly MessageSid?: string | undefined;
  readonly MessageStatus?: string | undefined;
  readonly ErrorCode?: string;
  readonly signed: boolean;
}

const listeners: Server[] = [];
afterAll(() => {
  for (const listener of listeners) listener.close();
});

/** A receiver of status callbacks, with those received so far. */
async function listening(): Promise<{ callback: string; seen: Seen[] }> {
  const seen: Seen[] = [];
  const listener = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    const parameters = Object.fromEntries(new URLSearchParams(text));
    const { MessageSid, MessageStatus, ErrorCode } = parameters;
    const signature = String(request.headers['x-twilio-signature']);
    const signed = twilio.validateRequest(authToken, signature, callback, parameters);
    seen.push({ MessageSid, MessageStatus, ...(ErrorCode && { ErrorCode }), signed });
    response.end();
  });
  listeners.push(listener);
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const callback = `http://127.0.0.1:${(listener.address() as AddressInfo).port}/texts?id=7`;
  return { callback, seen };
}

async function untilSeen(seen: readonly Seen[], count: number): Promise<void> {
  while (seen.length < count) await new Promise((resolve) => setTimeout(resolve, 10));
}

describe('misbehaving', () => {
  test('refuses for one number and so many times', async () => {
    phone.addFault({ to, status: 429, code: 20429, retryAfter: 7, times: 1 });
    expect((await send({ to: '+34600000002' })).status).toBe('queued');
    const refused = await asRaw({ To: to, From: from, Body: 'x' });
    expect([refused.status, refused.headers.get('Retry-After')]).toEqual([429, '7']);
    expect((await send()).status).toBe('queued');
  });

  test('gives the SDK the code that was asked for', async () => {
    phone.addFault({ status: 400, code: 21610 });
    await expect(send()).rejects.toMatchObject({ status: 400, code: 21610 });
  });

  test('takes the message, then cuts the connection', async () => {
    phone.addFault({ acceptAndDie: true, times: 1 });
    await expect(send()).rejects.toThrow(/socket hang up|ECONNRESET/);
    expect(phone.messages(to)).toHaveLength(1);
  });

  test('keeps silent for longer than the client waits', async () => {
    phone.addFault({ delayMs: 5_000 });
    await expect(client(authToken, 200).messages.create({ to, from, body: 'x' })).rejects.toThrow(/timeout/);
  });

  test('takes a fault over HTTP, and refuses one that is none', async () => {
    const post = (fault: unknown) =>
      fetch(`${phone.url}/faults`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(fault),
      });
    expect((await post({ status: 500, times: 1, surprise: true })).status).toBe(400);
    expect((await post({ status: 500, times: 1 })).status).toBe(201);
    await expect(send()).rejects.toMatchObject({ status: 500 });
  });
});

describe('for people and scripts', () => {
  test('shows the messages to all numbers in one list, the newest first', async () => {
    await send({ body: 'first' });
    await send({ to: '+34600000002', body: 'second' });
    const html = await (await fetch(phone.url)).text();
    expect(html.match(/<ol/g)).toHaveLength(1);
    expect(html.match(/first|second/g)).toEqual(['second', 'first']);
  });

  test('shows messages as text, never as markup, and says that it is a simulation', async () => {
    await send({ body: '<img src=x onerror=alert(1)> 987654' });
    const html = await (await fetch(phone.url)).text();
    expect(html).toContain('&lt;img src=x onerror=alert(1)&gt; <strong>987654</strong>');
    expect(html).toContain('This is a simulation');
    // A page that reloads itself loses the focus (WCAG failure F41).
    expect(html).not.toContain('http-equiv');
  });

  test('gives the messages of a number as JSON, newest last, and forgets them', async () => {
    await send({ body: 'one' });
    await send({ body: 'two' });
    const url = `${phone.url}/messages.json`;
    for (const query of [`?to=${to}`, `?to=${encodeURIComponent(to)}`]) {
      const { messages } = (await (await fetch(url + query)).json()) as { messages: { body: string }[] };
      expect(messages.map(({ body }) => body)).toEqual(['one', 'two']);
    }
    expect((await fetch(url, { method: 'DELETE' })).status).toBe(204);
    expect(phone.messages()).toEqual([]);
  });

  test('keeps the last thousand', async () => {
    await Promise.all(
      Array.from({ length: 1_005 }, (_, n) => asRaw({ To: to, From: from, Body: `no ${n}` })),
    );
    expect(phone.messages()).toHaveLength(1_000);
  });

  test('an account that is not this one is not found', async () => {
    const answer = await asRaw({ To: to, From: from, Body: 'x' }, `AC${'f'.repeat(32)}`);
    expect([answer.status, await answer.json()]).toMatchObject([404, { code: 20404, status: 404 }]);
  });

  test('a port that is taken is one clear line', async () => {
    await expect(startPhone({ port: phone.port, accountSid, authToken })).rejects.toThrow(
      `Port ${phone.port}, meant for the phone, is taken by another program: free it, or set PHONE_PORT to another.`,
    );
  });
});
