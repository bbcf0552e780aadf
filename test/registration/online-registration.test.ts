import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { certificateToken } from '../actors/certificate-holder.ts';
import { activeCitizen, Citizen } from '../actors/citizen.ts';
import { otherPassword, wrongOtp } from '../actors/credentials.ts';
import { expectStartedJourney } from '../actors/journey.ts';
import { suspend } from '../actors/office.ts';
import { registerOnline, startOnline, tryRegisterOnline } from '../actors/online-registration.ts';
import { newPersonalData } from '../actors/personal-data.ts';
import { requestWithRetry } from '../actors/request.ts';
import { currentSession, newSession, signIn, unsubscribe } from '../actors/sessions.ts';
import { type Stack, startStack } from '../environment/stack.ts';
import { until } from '../environment/waiting.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());

const fnmt = { profile: 'fnmt-natural-person' } as const;
const row = ({ data: { nationalId } }: Citizen) =>
  stack.db.prisma.citizen.findUnique({ where: { nationalId } });
const noticed = (citizen: Citizen, words: string) =>
  until(
    () => citizen.smsMessages().filter((text) => text.includes(words)).length,
    (count) => count > 0,
  );

describe('who registers online for the first time', () => {
  test('proves the phone, gets the activation code once, and activates with it', async () => {
    const citizen = new Citizen(stack);
    const journey = await startOnline(stack, citizen);
    expect(journey.started).toMatchObject({
      kind: 'registration',
      step: 'otp',
      otp: { sentTo: `•••••${citizen.data.phone.slice(-4)}` },
    });
    // Nothing is registered before the phone is proved.
    expect(await row(citizen)).toBeNull();
    const done = await journey.enterOtp(await journey.otp());
    expect(done.body.journey).toMatchObject({ kind: 'registration', step: 'done', outcome: 'registered' });
    expect(done.body.journey.activationCode).toMatch(/^[0-9A-Z]{5}-[0-9A-Z]{5}$/);
    expect((await journey.read()).body.journey).not.toHaveProperty('activationCode');
    expect(await row(citizen)).toMatchObject({
      ...{ givenName: 'Begoña', firstSurname: 'Etxeberria', secondSurname: 'Núñez' },
      ...{ email: citizen.data.email, phone: citizen.data.phone, level: 'advanced' },
      ...{ phoneConfirmedAt: expect.anything(), strongIdentifiedBy: 'dnie' },
    });
    citizen.activationCode = done.body.journey.activationCode;
    expect((await citizen.activateOrReset()).body.journey.outcome).toBe('activated');
    const session = await newSession(stack, citizen);
    expect((await currentSession(stack, session)).body.citizen).toMatchObject({
      level: 'advanced',
      lastStrongIdentification: { by: 'dnie', at: expect.any(String), dueAt: expect.any(String) },
    });
    expect(await noticed(citizen, 'se ha registrado por internet')).toBe(1);
  });

  test('with another certificate than the DNIe has no identification in person', async () => {
    const citizen = await registerOnline(stack, new Citizen(stack), fnmt);
    expect(await row(citizen)).toMatchObject({ level: 'advanced', strongIdentifiedAt: null });
    await citizen.activateOrReset();
    const { body } = await currentSession(stack, await newSession(stack, citizen));
    expect(body.citizen).not.toHaveProperty('lastStrongIdentification');
  });

  test('on two devices at once is one citizen: the later journey ends the earlier', async () => {
    const citizen = new Citizen(stack);
    const [one, other] = await Promise.all([startOnline(stack, citizen), startOnline(stack, citizen)]);
    const steps = await Promise.all([one, other].map(async (each) => (await each.read()).body.journey.step));
    expect([...steps].sort()).toEqual(['ended', 'otp']);
    const open = steps[0] === 'otp' ? one : other;
    expect((await open.enterOtp(await open.otp())).body.journey.outcome).toBe('registered');
    const { nationalId } = citizen.data;
    const acts = await stack.db.prisma.registrationAct.findMany({ where: { nationalId } });
    expect(new Set(acts.map(({ citizenId }) => citizenId)).size).toBe(1);
  });

  test('after a journey that came to nothing may begin again', async () => {
    const citizen = new Citizen(stack);
    const journey = await startOnline(stack, citizen);
    const wrong = wrongOtp(await journey.otp());
    for (let entry = 0; entry < 4; entry += 1) await journey.enterOtp(wrong);
    expect((await journey.read()).body.journey).toMatchObject({ step: 'ended', outcome: 'too-many-otps' });
    expect(await row(citizen)).toBeNull();
    await registerOnline(stack, citizen);
    expect((await citizen.startActivation()).started.kind).toBe('activation');
  });

  test('is refused once an office was faster, and is the same citizen afterwards', async () => {
    const citizen = new Citizen(stack);
    const journey = await startOnline(stack, citizen);
    const otp = await journey.otp();
    await citizen.register();
    expect(await journey.enterOtp(otp)).toMatchObject({ status: 410, body: { code: 'journey-ended' } });
    const { citizenId } = citizen;
    await registerOnline(stack, citizen);
    expect(citizen.citizenId).toBe(citizenId);
  });

  test('gets the same code again under the same Idempotency-Key', async () => {
    const citizen = new Citizen(stack);
    const journey = await startOnline(stack, citizen);
    const [otp, headers] = [await journey.otp(), { 'Idempotency-Key': randomUUID() }];
    const [one, two] = [await journey.enterOtp(otp, headers), await journey.enterOtp(otp, headers)];
    expect(one.body.journey.activationCode).toBeDefined();
    expect(two.body).toEqual(one.body);
  });
});

describe('who is registered already', () => {
  test('has a second act: new code, contact data replaced, the earlier phone told, sessions over', async () => {
    const citizen = await activeCitizen(stack);
    const session = await newSession(stack, citizen);
    const [former, formerCode] = [citizen.data.phone, citizen.activationCode];
    Object.assign(citizen.data, { phone: newPersonalData().phone, email: newPersonalData().email });
    await registerOnline(stack, citizen, fnmt);
    // The office's identification in person stays.
    expect(await row(citizen)).toMatchObject({
      ...{ id: citizen.citizenId, phone: citizen.data.phone, email: citizen.data.email },
      ...{ phoneConfirmedAt: expect.anything(), strongIdentifiedBy: 'office' },
    });
    expect((await currentSession(stack, session)).status).toBe(401);
    expect((await signIn(stack, citizen)).status).toBe(201);
    expect((await citizen.tryStartActivation({ activationCode: formerCode })).status).toBe(422);
    expect((await citizen.activateOrReset(otherPassword)).body.journey.outcome).toBe('password-set');
    const told = () => stack.phone.messages(former).filter(({ body }) => body.includes('otro teléfono'));
    expect(await until(told, ({ length }) => length > 0)).toHaveLength(1);
  });

  test('after an unsubscription activates anew', async () => {
    const citizen = await activeCitizen(stack);
    const session = await newSession(stack, citizen);
    const leaving = await expectStartedJourney(stack, unsubscribe(stack, session));
    await leaving.enterOtp(await leaving.otp());
    await registerOnline(stack, citizen);
    expect((await citizen.activateOrReset()).body.journey.outcome).toBe('activated');
  });

  test('is suspended: only the DNIe lifts it, and the password of before stays shut', async () => {
    const citizen = await activeCitizen(stack);
    await suspend(stack, citizen);
    expect(await tryRegisterOnline(stack, citizen, fnmt)).toMatchObject({
      status: 409,
      body: { code: 'office-needed' },
    });
    await registerOnline(stack, citizen);
    expect((await signIn(stack, citizen)).status).toBe(401);
    await citizen.activateOrReset(otherPassword);
    expect((await signIn(stack, citizen, otherPassword)).status).toBe(201);
  });

  test('a suspension of which the workflow has not heard is in force, before any SMS', async () => {
    const citizen = await activeCitizen(stack);
    const where = { id: citizen.citizenId };
    await stack.db.prisma.citizen.update({ where, data: { suspendedAt: new Date() } });
    const refused = await tryRegisterOnline(stack, citizen, fnmt);
    expect(refused).toMatchObject({ status: 409, body: { code: 'office-needed' } });
    expect(citizen.smsMessages().join()).not.toContain('para registrarse');
  });

  test('a suspension during the journey ends it', async () => {
    const citizen = await activeCitizen(stack);
    const journey = await startOnline(stack, citizen, fnmt);
    const otp = await journey.otp();
    await suspend(stack, citizen);
    expect((await journey.enterOtp(otp)).status).toBe(410);
    expect(await row(citizen)).toMatchObject({ suspendedAt: expect.anything() });
  });
});

describe('the phone', () => {
  test('of another active citizen is refused before any SMS, and the certificate stays good', async () => {
    const owner = await activeCitizen(stack);
    const citizen = new Citizen(stack);
    const token = await certificateToken(stack, citizen.data);
    const body = { phone: owner.data.phone };
    expect(await tryRegisterOnline(stack, citizen, { token, body })).toMatchObject({
      status: 409,
      body: { code: 'phone-in-use' },
    });
    expect(owner.smsMessages().join()).not.toContain('para registrarse');
    expect((await tryRegisterOnline(stack, citizen, { token })).status).toBe(201);
  });

  test('that its holder never confirmed is taken over', async () => {
    const holder = await new Citizen(stack).register();
    const citizen = new Citizen(stack, { phone: holder.data.phone });
    await registerOnline(stack, citizen);
    expect(await row(holder)).toMatchObject({ phone: null });
  });

  test('gets ten codes a day for online registrations, whoever asks', async () => {
    const { phone } = newPersonalData();
    for (let one = 0; one < 10; one += 1)
      expect((await tryRegisterOnline(stack, new Citizen(stack, { phone }))).status).toBe(201);
    const eleventh = await tryRegisterOnline(stack, new Citizen(stack, { phone }));
    expect(eleventh).toMatchObject({ status: 429, body: { code: 'too-many-requests' } });
  });

  test('may change with each journey: one person gets ten codes a day, to whichever phones', async () => {
    const { nationalId } = newPersonalData();
    const withAnotherPhone = () => new Citizen(stack, { nationalId });
    for (let one = 0; one < 10; one += 1)
      expect((await tryRegisterOnline(stack, withAnotherPhone())).status).toBe(201);
    const eleventh = withAnotherPhone();
    const refused = await tryRegisterOnline(stack, eleventh);
    expect(refused).toMatchObject({ status: 429, body: { code: 'too-many-requests' } });
    expect(eleventh.smsMessages()).toEqual([]);
    // The phone that was refused has lost nothing of its own.
    expect((await tryRegisterOnline(stack, new Citizen(stack, { phone: eleventh.data.phone }))).status).toBe(
      201,
    );
  });

  test('that the provider refuses costs neither it nor the person one of the ten', async () => {
    const citizen = new Citizen(stack);
    stack.phone.addFault({ to: citizen.data.phone, status: 400, code: 21211 });
    const journey = await startOnline(stack, citizen);
    const failed = { id: `${journey.id}/1`, delivery: 'failed' };
    const row = await until(
      () => stack.db.prisma.text.findFirst({ where: failed }),
      (it) => it !== null,
    );
    const keys = [row?.allowance, row?.personAllowance].map((key) => key ?? '');
    expect(await stack.db.prisma.textAllowance.findMany({ where: { key: { in: keys } } })).toMatchObject([
      { used: 0 },
      { used: 0 },
    ]);
  });

  test('that is unconfirmed is not confirmed by a code to another one', async () => {
    const citizen = await new Citizen(stack).register();
    const { phone: former } = citizen.data;
    const elsewhere = Object.assign(new Citizen(stack, citizen.data), {});
    elsewhere.data.phone = newPersonalData().phone;
    const journey = await startOnline(stack, elsewhere);
    await journey.enterOtp(wrongOtp(await journey.otp()));
    expect(await row(citizen)).toMatchObject({ phone: former, phoneConfirmedAt: null });
  });
});

test('an activation under way ends, and more time is given once', async () => {
  const citizen = await new Citizen(stack).register();
  const activation = await citizen.startActivation();
  const journey = await startOnline(stack, citizen, fnmt);
  expect((await activation.read()).body.journey).toMatchObject({ step: 'ended', outcome: 'superseded' });
  const extended = await requestWithRetry(stack, 'POST', `/journeys/${journey.id}/extension`, {
    token: journey.token,
  });
  expect(extended.status).toBe(200);
  // The weaker proof does not end the stronger.
  await citizen.startActivation();
  expect((await journey.read()).body.journey.step).toBe('otp');
});
