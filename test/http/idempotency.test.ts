import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { addOfficer } from '../../api/office/officers.ts';
import { activeCitizen, Citizen } from '../actors/citizen.ts';
import { goodPassword, wrongCode, wrongOtp } from '../actors/credentials.ts';
import type { Journey } from '../actors/journey.ts';
import { newPersonalData } from '../actors/personal-data.ts';
import { signIn } from '../actors/sessions.ts';
import { type Headers_, requests } from '../contract/effects.ts';
import { lockAuditTable } from '../database/row-locks.ts';
import { auditTypesOf, queryAsOwner } from '../database/rows.ts';
import { type HttpReply, requestOnce } from '../environment/http.ts';
import { type Stack, startStack } from '../environment/stack.ts';
import { until, untilPast } from '../environment/waiting.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ own: true, policy: { otp: { resendAfter: 'PT1.5S' } } });
});
afterAll(() => stack.stop());

const key = (name: string = randomUUID()): Headers_ => ({ 'Idempotency-Key': name });
const officeCall =
  (path: string, body: unknown, token = stack.officeKey) =>
  (headers: Headers_) =>
    requestOnce(stack, 'POST', path, { body, token, headers });
const refusedEntries = async ({ citizenId }: Citizen): Promise<number> =>
  (await auditTypesOf(stack, citizenId)).filter((type) => type === 'activation-refused').length;

/** A reply without the delivery status, which the provider's callback may have changed. */
const settled = ({ body }: HttpReply): unknown =>
  JSON.parse(JSON.stringify(body ?? null), (name, value) => (name === 'delivery' ? 'whatever' : value));

/** A journey with a resend that was too early. On a busy machine the pause may be over when it is asked: then it is another journey. */
async function refusedResend(): Promise<{ journey: Journey; headers: Headers_ }> {
  const journey = await (await new Citizen(stack).register()).startActivation();
  const headers = key();
  const { status } = await journey.resend(headers);
  if (status === 429) return { journey, headers };
  expect(Date.parse(journey.started.otp.resendAfter)).toBeLessThan(Date.now());
  return refusedResend();
}

describe('a request that is repeated under its Idempotency-Key', () => {
  test.each(Object.entries(requests))(
    'has one effect and one answer, also if the process died before the answer was kept: %s',
    async (_name, prepare) => {
      const { send, status, effects } = await prepare(stack);
      const headers = key();
      // Two at once, two more a moment later; then one when all is done.
      const replies = await Promise.all(
        Array.from({ length: 4 }, (_, index) => sleep(Math.floor(index / 2) * 30).then(() => send(headers))),
      );
      replies.push(await send(headers));
      const [first] = replies as [HttpReply];
      for (const reply of replies) expect([reply.status, reply.body]).toEqual([status, first.body]);
      expect(await until(effects, (count) => count > 0)).toBe(1);

      await queryAsOwner(
        stack,
        'UPDATE "IdempotentRequest" SET "sealedAnswer" = NULL, status = 503 WHERE status = $1',
        [status],
      );
      const again = await send(headers);
      expect([again.status, settled(again)]).toEqual([status, settled(first)]);
      expect(await effects()).toBe(1);
    },
  );

  test('needs the same body: with another one it is refused as such, and nothing is done', async () => {
    const journey = await (await new Citizen(stack).register()).startActivation();
    const otp = await journey.otp();
    const headers = key();
    const wrong = await journey.enterOtp(wrongOtp(otp), headers);
    expect(wrong.body.code).toBe('otp-refused');
    const other = await journey.enterOtp(otp, headers);
    expect(other).toMatchObject({ status: 422, body: { code: 'idempotency-key-reused' } });
    expect((await journey.read()).body.journey.otp.attemptsLeft).toBe(2);
    expect((await journey.enterOtp(wrongOtp(otp), headers)).body).toEqual(wrong.body);
  });

  test('is another caller without a credential and with another body: a wrong code under the key of a right one is wrong', async () => {
    const citizen = await new Citizen(stack).register();
    const headers = key();
    const first = await citizen.tryStartActivation({}, headers);
    const wrong = () => citizen.tryStartActivation({ activationCode: wrongCode }, headers);
    expect(await wrong()).toMatchObject({ status: 422, body: { code: 'activation-data-refused' } });
    expect((await wrong()).body.code).toBe('activation-data-refused');
    expect(await refusedEntries(citizen)).toBe(1);
    expect((await citizen.tryStartActivation({}, headers)).body).toEqual(first.body);
  });

  test('that a stranger has used before is the key of another request: the right password signs in', async () => {
    const citizen = await activeCitizen(stack);
    const headers = key('1');
    const stranger = { data: newPersonalData() };
    expect((await signIn(stack, stranger, goodPassword, { headers })).status).toBe(401);
    expect((await signIn(stack, citizen, goodPassword, { headers })).status).toBe(201);
    expect((await signIn(stack, stranger, goodPassword, { headers })).status).toBe(401);
  });

  test('is another request at another address, or under another key, or without one', async () => {
    const citizen = await new Citizen(stack).register();
    const headers = key();
    const body = {
      nationalId: citizen.data.nationalId,
      email: citizen.data.email,
      activationCode: citizen.activationCode,
    };
    const replies = [
      await citizen.tryStartActivation({}, headers),
      await requestOnce(stack, 'POST', '/password-resets', { body, headers }),
      await citizen.tryStartActivation({}, key()),
      await citizen.tryStartActivation(),
      await citizen.tryStartActivation(),
    ];
    expect(new Set(replies.map(({ body }) => body.token)).size).toBe(5);
  });

  test('is processed again after a 429, once it is no longer too early', async () => {
    const { journey, headers } = await refusedResend();
    await untilPast(journey.started.otp.resendAfter);
    expect((await journey.resend(headers)).status).toBe(202);
    expect((await journey.resend(headers)).status).toBe(202);
    expect((await journey.read()).body.journey.otp.sendsLeft).toBe(1);
  });

  test('is tried anew as soon as a dependency is back', async () => {
    const headers = key();
    const send = () => officeCall('/registrations', data)(headers);
    const { data } = new Citizen(stack);
    await queryAsOwner(stack, 'ALTER TABLE "RegistrationAct" RENAME TO "RegistrationActAway"');
    const away = await send().finally(() =>
      queryAsOwner(stack, 'ALTER TABLE "RegistrationActAway" RENAME TO "RegistrationAct"'),
    );
    expect(away.status).toBe(503);
    const replies = [await send(), await send()];
    expect(replies.map(({ status }) => status)).toEqual([201, 201]);
    expect(replies[1]?.body).toEqual(replies[0]?.body);
  });

  test('is tried anew by a new run, where the first could not write and has ended', async () => {
    const headers = key();
    const { data } = new Citizen(stack);
    const release = await lockAuditTable(stack);
    const away = await officeCall('/registrations', data)(headers).finally(release);
    expect(away.status).toBe(503);
    const replies = [await officeCall('/registrations', data)(headers)];
    replies.push(await officeCall('/registrations', data)(headers));
    expect(replies.map(({ status }) => status)).toEqual([201, 201]);
    expect(replies[1]?.body).toEqual(replies[0]?.body);
    const audited = await auditTypesOf(stack, replies[0]?.body.citizenId);
    expect(audited.filter((type) => type === 'citizen-registered')).toHaveLength(1);
  });

  test.each([
    ['is empty', ''],
    ['is not ASCII', 'ñ'],
    ['is too long', 'x'.repeat(256)],
  ])('is refused if the key %s', async (_what, bad) => {
    const reply = await new Citizen(stack).tryStartActivation(
      { activationCode: wrongCode },
      { 'Idempotency-Key': Buffer.from(bad).toString('latin1') },
    );
    expect(reply).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: '/headers/Idempotency-Key', code: 'invalid-format' }] },
    });
  });
});

describe('another caller with the same key', () => {
  test('gets nothing of the answer: another officer registers anew', async () => {
    const other = await addOfficer(stack.db, { name: 'Jordi Puig', office: 'Girona' });
    const { data } = new Citizen(stack);
    const headers = key();
    const first = await officeCall('/registrations', data)(headers);
    const second = await officeCall('/registrations', data, other.key)(headers);
    expect(second.status).toBe(201);
    expect(second.body.activationCode).not.toBe(first.body.activationCode);
    const { data: elsewhere } = new Citizen(stack);
    expect((await officeCall('/registrations', elsewhere, other.key)(key())).status).toBe(201);
    // Each still has their own.
    expect((await officeCall('/registrations', data)(headers)).body).toEqual(first.body);
    expect((await officeCall('/registrations', data, other.key)(headers)).body).toEqual(second.body);
  });

  test('gets nothing of the answer without the credentials of the first', async () => {
    const headers = key();
    const { data } = new Citizen(stack);
    await officeCall('/registrations', data)(headers);
    expect((await officeCall('/registrations', data, 'no officer')(headers)).status).toBe(401);

    const [one, other] = [await new Citizen(stack).register(), await new Citizen(stack).register()];
    const [mine, theirs] = [await one.startActivation(), await other.startActivation()];
    const otp = await mine.otp();
    expect((await mine.enterOtp(otp, headers)).status).toBe(200);
    const asThem = { body: { otp }, token: theirs.token, headers };
    expect((await requestOnce(stack, 'POST', `/journeys/${mine.id}/otp`, asThem)).status).toBe(404);
    expect((await theirs.enterOtp(otp, headers)).body.code).toBe('otp-refused');
  });
});

test('nothing that a request or its answer held is in the table in clear', async () => {
  const headers = key('a key that would be found');
  const { data } = new Citizen(stack);
  const registered = await officeCall('/registrations', data)(headers);
  const { citizenId, activationCode } = registered.body;
  const citizen = Object.assign(new Citizen(stack, data), { citizenId, activationCode });
  const journey = await citizen.startActivation(headers);
  const otp = await journey.otp();
  await journey.enterOtp(otp, headers);
  await journey.setPassword(goodPassword, headers);

  const rows = JSON.stringify(await queryAsOwner(stack, 'SELECT * FROM "IdempotentRequest"'));
  expect(rows.length).toBeGreaterThan(1_000);
  const secrets = [
    ...Object.values(headers),
    ...[activationCode, activationCode.replace('-', ''), journey.token, journey.id, goodPassword, citizenId],
    ...[data.nationalId, data.email, data.phone, stack.officeKey],
  ];
  for (const secret of secrets)
    for (const form of [
      secret,
      Buffer.from(secret).toString('base64url').slice(0, -1),
      Buffer.from(secret).toString('hex'),
    ])
      expect(rows).not.toContain(form);
});
