import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import twilio from 'twilio';
import { Citizen } from '../actors/citizen.ts';
import type { Journey } from '../actors/journey.ts';
import { auditTypesOf, queryAsOwner } from '../database/rows.ts';
import { type Stack, startStack } from '../environment/stack.ts';
import { until } from '../environment/waiting.ts';

let stack: Stack;
const logged: string[] = [];
beforeAll(async () => {
  stack = await startStack({ logTo: { write: (line) => void logged.push(line) } });
});
afterAll(() => stack.stop());

type Form = Readonly<Record<string, string>>;
const token = 'test-token';
const newSid = (): string => `SM${randomBytes(16).toString('hex')}`;

/** As the provider does it: a form, signed with the account's token over the address that it was given. */
async function tell(
  form: Form,
  {
    textId,
    signedWith = token,
    tampered = {},
  }: { textId?: string; signedWith?: string; tampered?: Form } = {},
): Promise<number> {
  const query = textId === undefined ? '' : `?text=${encodeURIComponent(textId)}`;
  const url = `${stack.url}/twilio/status${query}`;
  const { status } = await fetch(url, {
    method: 'POST',
    headers: { 'X-Twilio-Signature': twilio.getExpectedTwilioSignature(signedWith, url, form) },
    body: new URLSearchParams({ ...form, ...tampered }),
  });
  return status;
}

/** A journey whose SMS code the provider has taken, without a status callback. */
async function silentJourney(): Promise<{ citizen: Citizen; journey: Journey; textId: string; sid: string }> {
  const citizen = await new Citizen(stack).register();
  await until(
    () => stack.db.prisma.text.count({ where: { citizenId: citizen.citizenId, delivery: 'delivered' } }),
    (welcome) => welcome === 1,
  );
  stack.phone.addFault({ to: citizen.data.phone, silent: true });
  const journey = await citizen.startActivation();
  await journey.otp();
  const textId = `${journey.id}/1`;
  return { citizen, journey, textId, sid: (await textOf(textId)).providerId ?? '' };
}

const textOf = (id: string) => stack.db.prisma.text.findUniqueOrThrow({ where: { id } });
const deliveryOf = async (journey: Journey): Promise<string> =>
  (await journey.read()).body.journey.otp.delivery;
const form = (sid: string, status: string, more: Form = {}): Form => ({
  ...{ AccountSid: `AC${'0'.repeat(32)}`, From: '+34600000000', To: '+34698173254' },
  ...{ MessageSid: sid, MessageStatus: status, SmsStatus: status, ...more },
});

describe('a status callback', () => {
  test('is sent by the local phone by itself: sent, then delivered', async () => {
    const journey = await (await new Citizen(stack).register()).startActivation();
    expect(journey.started.otp.delivery).toBe('pending');
    await until(
      () => deliveryOf(journey),
      (delivery) => delivery === 'delivered',
    );
    expect((await journey.enterOtp(await journey.otp())).status).toBe(200);
  });

  test.each([
    ['sent', 'sent'],
    ['delivered', 'delivered'],
    ['undelivered', 'failed'],
    ['failed', 'failed'],
    ['queued', 'sent'],
    ['sending', 'sent'],
    ['an unknown status', 'sent'],
  ])('%s makes a sent code %s in its journey', async (status, delivery) => {
    const { journey, textId, sid } = await silentJourney();
    expect(await deliveryOf(journey)).toBe('sent');
    expect(await tell(form(sid, status), { textId })).toBe(204);
    expect(await deliveryOf(journey)).toBe(delivery);
  });

  test.each([
    [['delivered', 'sent', 'queued', 'undelivered'], 'delivered'],
    [['undelivered', 'sent', 'queued'], 'failed'],
    [['undelivered', 'delivered', 'failed'], 'delivered'],
    [['sent', 'delivered', 'delivered'], 'delivered'],
  ])('in the order %j stays at %s: a late callback moves nothing back', async (statuses, delivery) => {
    const { journey, textId, sid } = await silentJourney();
    for (const status of statuses) expect(await tell(form(sid, status), { textId })).toBe(204);
    expect(await deliveryOf(journey)).toBe(delivery);
    expect((await textOf(textId)).failure).toBe(delivery === 'failed' ? 'provider-undelivered' : null);
  });

  test('at once and in every order ends the same', async () => {
    const { journey, textId, sid } = await silentJourney();
    const statuses = ['sent', 'undelivered', 'delivered', 'queued', 'delivered', 'failed', 'sent', 'sent'];
    await Promise.all(statuses.map((status) => tell(form(sid, status), { textId })));
    expect(await deliveryOf(journey)).toBe('delivered');
  });

  test('finds a text by the provider’s own id too, where the callback is set up in its console', async () => {
    const { journey, sid } = await silentJourney();
    expect(await tell(form(sid, 'delivered'))).toBe(204);
    expect(await deliveryOf(journey)).toBe('delivered');
  });

  test('of a copy that did not arrive takes nothing from the other; of one that did, it counts', async () => {
    const { journey, textId } = await silentJourney();
    expect(await tell(form(newSid(), 'undelivered', { ErrorCode: '30003' }), { textId })).toBe(204);
    expect(await deliveryOf(journey)).toBe('sent');
    expect(await tell(form(newSid(), 'delivered'), { textId })).toBe(204);
    expect(await deliveryOf(journey)).toBe('delivered');
  });

  test('of a notice is kept too', async () => {
    const citizen = await new Citizen(stack).register();
    const [welcome] = await until(
      () => stack.db.prisma.text.findMany({ where: { citizenId: citizen.citizenId } }),
      (texts) => texts[0]?.delivery === 'delivered',
    );
    expect(welcome).toMatchObject({ purpose: 'notice.welcome', failure: null });
  });
});

describe('a failure that the provider reports', () => {
  test('is kept as its number, in the trail too, and never as its words', async () => {
    const { citizen, textId, sid } = await silentJourney();
    const words = 'Unreachable handset +34698173254';
    const more = { ErrorCode: '30003', ErrorMessage: words, Body: words };
    expect(await tell(form(sid, 'undelivered', more), { textId })).toBe(204);
    expect(await tell(form(sid, 'failed', { ErrorCode: '30008' }), { textId })).toBe(204);
    expect(await textOf(textId)).toMatchObject({ delivery: 'failed', failure: 'provider-30003' });
    const trail = await queryAsOwner<{ detail: unknown }>(
      stack,
      `SELECT detail FROM "AuditEvent" WHERE type = 'text-undelivered' AND "citizenId" = $1`,
      [citizen.citizenId],
    );
    expect(trail).toEqual([{ detail: { purpose: 'otp.activation', failure: 'provider-30003' } }]);
    for (const each of ['698173254', 'nreachable']) {
      expect(logged.join('')).not.toContain(each);
      for (const table of ['Text', 'AuditEvent', 'Request', 'Journey'])
        expect([table, await found(table, each)]).toEqual([table, 0]);
    }
  });

  test('is no number of the provider’s where that says words', async () => {
    const { textId, sid } = await silentJourney();
    expect(await tell(form(sid, 'failed', { ErrorCode: 'to +34698173254' }), { textId })).toBe(204);
    expect((await textOf(textId)).failure).toBe('provider-failed');
  });
});

describe('a caller of the callback', () => {
  const nothingWritten = async (textId: string): Promise<void> =>
    expect(await textOf(textId)).toMatchObject({ delivery: 'sent', failure: null });

  test('without the provider’s signature is refused, and nothing is written', async () => {
    const { journey, citizen, textId, sid } = await silentJourney();
    const trail = await auditTypesOf(stack, citizen.citizenId);
    const good = form(sid, 'failed');
    expect(await tell(good, { textId, signedWith: 'another-token' })).toBe(403);
    expect(await tell(form(sid, 'sent'), { textId, tampered: { MessageStatus: 'failed' } })).toBe(403);
    expect(await tell(good, { textId, tampered: { ErrorCode: '30003' } })).toBe(403);
    // Signed, but for another text, or for none.
    const url = `${stack.url}/twilio/status`;
    const elsewhere = [`${url}?text=other`, `${url}/`, url, 'https://example.org/twilio/status'];
    const asked = `${url}?text=${encodeURIComponent(textId)}`;
    for (const signed of elsewhere) {
      const signature = twilio.getExpectedTwilioSignature(token, signed, good);
      const body = new URLSearchParams(good);
      const { status } = await fetch(asked, {
        method: 'POST',
        headers: { 'X-Twilio-Signature': signature },
        body,
      });
      expect(status).toBe(403);
    }
    for (const headers of [{}, { 'X-Twilio-Signature': '' }] as Record<string, string>[])
      expect((await fetch(asked, { method: 'POST', headers, body: new URLSearchParams(good) })).status).toBe(
        403,
      );
    const asJson = { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(good) };
    expect((await fetch(asked, { method: 'POST', ...asJson })).status).toBe(403);
    await nothingWritten(textId);
    expect(await deliveryOf(journey)).toBe('sent');
    expect(await auditTypesOf(stack, citizen.citizenId)).toEqual(trail);
  });

  test('with the status of an unknown SMS changes nothing, and gets the answer that the provider gets', async () => {
    const { textId } = await silentJourney();
    const before = await found('Text', 'delivered');
    expect(await tell(form(newSid(), 'delivered'))).toBe(204);
    expect(await tell(form(newSid(), 'delivered'), { textId: 'nobody/1' })).toBe(204);
    expect(await tell({}, { textId })).toBe(204);
    expect(await tell({ MessageStatus: 'failed' }, { textId })).toBe(204);
    expect(await found('Text', 'delivered')).toBe(before);
    await nothingWritten(textId);
  });

  test('with a character that PostgreSQL does not store is refused, also by the provider’s signature', async () => {
    const { textId, sid } = await silentJourney();
    expect(await tell(form(sid, 'failed'), { textId: 'a\0b' })).toBe(400);
    expect(await tell(form(`${sid}\0`, 'failed'), { textId })).toBe(400);
    await nothingWritten(textId);
  });

  test('with another method than POST, or with a body over the limit, is refused', async () => {
    const url = `${stack.url}/twilio/status`;
    const got = await fetch(url);
    expect([got.status, got.headers.get('Allow')]).toEqual([405, 'POST']);
    const body = new URLSearchParams({ Body: 'x'.repeat(20_000) });
    // Unsigned, it is not even read.
    expect((await fetch(url, { method: 'POST', body })).status).toBe(403);
    const headers = { 'X-Twilio-Signature': 'any' };
    expect((await fetch(url, { method: 'POST', body, headers })).status).toBe(413);
  });
});

/** How many rows of a table have a text anywhere in them. */
async function found(table: string, text: string): Promise<number> {
  const sql = `SELECT count(*)::int AS count FROM "${table}" t WHERE row_to_json(t)::text LIKE '%' || $1 || '%'`;
  return (await queryAsOwner<{ count: number }>(stack, sql, [text]))[0]?.count ?? 0;
}
