import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { addOfficer } from '../../api/office/officers.ts';
import { createPasswordHasher } from '../../platform/hashing.ts';
import { Citizen } from '../actors/citizen.ts';
import { goodPassword, otherPassword, wrongCode, wrongOtp } from '../actors/credentials.ts';
import { Journey } from '../actors/journey.ts';
import { lookUp, regenerateActivationCode } from '../actors/office.ts';
import { newPersonalData } from '../actors/personal-data.ts';
import { requestWithRetry } from '../actors/request.ts';
import { auditTypesOf } from '../database/rows.ts';
import type { HttpReply } from '../environment/http.ts';
import { type Stack, startStack } from '../environment/stack.ts';
import { until } from '../environment/waiting.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());

const sixteen = <Result>(work: () => Promise<Result>): Promise<Result[]> =>
  Promise.all(Array.from({ length: 16 }, work));
const statuses = (replies: readonly HttpReply[]): number[] => replies.map(({ status }) => status).sort();

describe('sixteen at once', () => {
  test('with the right activation code leave one journey that can finish, and no more texts than the phone may get', async () => {
    const { smsPerPhone } = stack.policy;
    const citizen = await new Citizen(stack).register();
    const replies = await sixteen(() => citizen.tryStartActivation());
    const begun = replies.filter(({ status }) => status === 201);
    expect(begun).toHaveLength(smsPerPhone.max);
    for (const reply of replies.filter((each) => !begun.includes(each)))
      expect(reply).toMatchObject({ status: 429, body: { code: 'too-many-requests' } });

    const journeys = begun.map((reply) => new Journey(stack, reply));
    const views = await Promise.all(journeys.map(async (journey) => (await journey.read()).body.journey));
    const open = journeys.filter((_, index) => views[index].step === 'otp');
    expect(open).toHaveLength(1);
    for (const view of views.filter(({ id }) => id !== open[0]?.id))
      expect(view).toMatchObject({ step: 'ended', outcome: 'superseded' });
    const where = { citizenId: citizen.citizenId, outcome: 'superseded', finishedAt: { not: null } };
    await until(
      () => stack.db.prisma.journey.count({ where }),
      (superseded) => superseded === begun.length - 1,
    );

    const [last] = open as [Journey];
    expect(await last.enterOtp(await last.otp())).toMatchObject({
      status: 200,
      body: { journey: { step: 'password' } },
    });
    expect(await last.setPassword(goodPassword)).toMatchObject({
      status: 200,
      body: { journey: { step: 'done' } },
    });
    await until(
      () => stack.db.prisma.text.count({ where: { citizenId: citizen.citizenId, delivery: 'pending' } }),
      (pending) => pending === 0,
    );
    expect(citizen.otps().length).toBeLessThanOrEqual(smsPerPhone.max);
    expect(await stack.db.prisma.password.count({ where: { citizenId: citizen.citizenId } })).toBe(1);
  });

  test('with the right SMS code go one step on, once', async () => {
    const journey = await (await new Citizen(stack).register()).startActivation();
    const otp = await journey.otp();
    const replies = await sixteen(() => journey.enterOtp(otp));
    expect(statuses(replies)).toEqual([200, ...Array.from({ length: 15 }, () => 409)]);
    expect((await journey.read()).body.journey.step).toBe('password');
  });

  test('with wrong SMS codes use up four guesses, and the right one comes too late', async () => {
    const attacked = Array.from({ length: 3 }, async () => {
      const journey = await (await new Citizen(stack).register()).startActivation();
      const otp = await journey.otp();
      const replies = await sixteen(() => journey.enterOtp(wrongOtp(otp)));
      const late = await journey.enterOtp(otp);
      return { replies: statuses(replies), late: [late.status, late.body.journey.outcome] };
    });
    for (const { replies, late } of await Promise.all(attacked)) {
      // A machine that is so busy that it answers 503 to a counted guess answers its repetition once the journey has ended.
      expect(replies.filter((status) => status !== 410 && status !== 422)).toEqual([]);
      expect(replies.filter((status) => status === 422).length).toBeLessThanOrEqual(4);
      expect(late).toEqual([410, 'too-many-otps']);
    }
  });
});

describe('two at once', () => {
  test('with different passwords: one of them is in force, and its reply says so', async () => {
    const citizen = await new Citizen(stack).register();
    const journey = await citizen.confirmedJourney();
    const candidates = [goodPassword, otherPassword];
    const replies = await Promise.all(candidates.map((password) => journey.setPassword(password)));
    const winner = replies.findIndex(({ status }) => status === 200);
    expect([409, 410]).toContain(replies[1 - winner]?.status);

    const rows = await stack.db.prisma.password.findMany({ where: { citizenId: citizen.citizenId } });
    expect(rows).toHaveLength(1);
    const hasher = createPasswordHasher(stack.ring);
    const inForce = await Promise.all(
      candidates.map((password) => hasher.matches(password, rows[0] as (typeof rows)[0])),
    );
    expect(inForce).toEqual(candidates.map((_, index) => index === winner));
  });

  test('register one national id: one citizen, and the later act has the code that is valid', async () => {
    const second = await addOfficer(stack.db, { name: 'Uxía Otero', office: 'Vigo' });
    for (let round = 0; round < 4; round += 1) {
      const citizen = new Citizen(stack);
      const act = (token: string) =>
        requestWithRetry(stack, 'POST', '/registrations', { body: citizen.data, token });
      const replies = await Promise.all([act(stack.officeKey), act(second.key)]);
      expect(statuses(replies)).toEqual([201, 201]);
      const citizens = await stack.db.prisma.citizen.findMany({
        where: { nationalId: citizen.data.nationalId },
      });
      expect(citizens).toHaveLength(1);
      expect(replies.map(({ body }) => body.citizenId)).toEqual([citizens[0]?.id, citizens[0]?.id]);

      const codes = replies.map(({ body }) => body.activationCode);
      const opened = [
        await citizen.tryStartActivation({ activationCode: codes[0] }),
        await citizen.tryStartActivation({ activationCode: codes[1] }),
      ];
      expect(statuses(opened)).toEqual([201, 422]);
    }
  });

  test('register two citizens with one phone that is not confirmed: one has it, whose code opens', async () => {
    for (let round = 0; round < 4; round += 1) {
      const { phone } = newPersonalData();
      const pair = [new Citizen(stack, { phone }), new Citizen(stack, { phone })];
      await Promise.all(pair.map((citizen) => citizen.register()));
      const holders = await stack.db.prisma.citizen.findMany({ where: { phone } });
      expect(holders).toHaveLength(1);
      for (const citizen of pair) {
        const isHolder = citizen.citizenId === holders[0]?.id;
        expect((await citizen.tryStartActivation()).status).toBe(isHolder ? 201 : 409);
      }
    }
  });
});

describe('a phone', () => {
  test('that its owner never confirmed yields to a new act', async () => {
    const before = await new Citizen(stack).register();
    await before.startActivation();
    const after = await new Citizen(stack, { phone: before.data.phone }).register();
    expect((await after.tryStartActivation()).status).toBe(201);
    expect((await lookUp(stack, before)).body.phone).toBe('');
  });

  test('that has passed to another citizen is told to who has the right code, and to no one else', async () => {
    const before = await new Citizen(stack).register();
    await new Citizen(stack, { phone: before.data.phone }).register();
    const refused = { status: 422, body: { code: 'activation-data-refused' } };
    const blocked = { status: 423, body: { code: 'activation-code-blocked' } };
    for (const reply of [...Array(5).fill(refused), blocked])
      expect(await before.tryStartActivation({ activationCode: wrongCode })).toMatchObject(reply);
    expect(await before.tryStartActivation()).toMatchObject({ status: 409, body: { code: 'phone-yielded' } });
    expect(before.smsMessages().some((text) => text.includes('código'))).toBe(false);
    expect(await auditTypesOf(stack, before.citizenId)).not.toContain('activation-code-blocked');
    // Another code would not help: only an act with a phone does.
    expect(await regenerateActivationCode(stack, before)).toMatchObject({
      status: 409,
      body: { code: 'registration-act-needed' },
    });
    await before.register({ phone: newPersonalData().phone });
    expect((await before.tryStartActivation()).status).toBe(201);
  });

  test('that its owner confirmed is refused to another citizen, whose act is not applied', async () => {
    const owner = await new Citizen(stack).register();
    await owner.confirmedJourney();
    const other = new Citizen(stack, { phone: owner.data.phone });
    const refused = await requestWithRetry(stack, 'POST', '/registrations', {
      body: other.data,
      token: stack.officeKey,
    });
    expect(refused).toMatchObject({ status: 409, body: { code: 'phone-in-use' } });
    expect(await stack.db.prisma.citizen.count({ where: { nationalId: other.data.nationalId } })).toBe(0);
    expect((await owner.tryStartActivation()).status).toBe(201);

    await other.register({ phone: newPersonalData().phone });
    expect((await other.tryStartActivation()).status).toBe(201);
  });

  test('that its owner confirmed stays theirs, and confirmed, through a further act', async () => {
    const owner = await new Citizen(stack).register();
    await owner.confirmedJourney();
    await owner.register();
    const other = new Citizen(stack, { phone: owner.data.phone });
    expect(
      await requestWithRetry(stack, 'POST', '/registrations', { body: other.data, token: stack.officeKey }),
    ).toMatchObject({
      status: 409,
    });
  });
});
