import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { citizenWorkflowId } from '../../platform/temporal.ts';
import { call, goodPassword, otherPassword, Person, somebody, wrongOtp } from '../actors/front-end.ts';
import {
  activePerson,
  atOffice,
  changePassword,
  journeyOf,
  sessionOf,
  signIn,
  textsSaying,
  unsubscribe,
  whoAmI,
} from '../actors/signed-in.ts';
import { auditTypesOf } from '../database/rows.ts';
import { type Stack, startStack } from '../environment/stack.ts';
import { until } from '../environment/waiting.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());

const leave = async (person: Person) => {
  const visit = await journeyOf(stack, unsubscribe(stack, await sessionOf(stack, person)));
  return { visit, done: await visit.enterOtp(await visit.otp()) };
};
const workflowOf = async ({ citizenId }: Person) => {
  const { runId, status } = await stack.client.workflow.getHandle(citizenWorkflowId(citizenId)).describe();
  return { runId, status: status.name };
};
const untilClosed = (person: Person) =>
  until(
    () => workflowOf(person),
    ({ status }) => status === 'COMPLETED',
  );

describe('who unsubscribes', () => {
  test('leaves no password, no session and no open workflow, and is told by SMS', async () => {
    const person = await activePerson(stack);
    const { citizenId } = person;
    const token = await sessionOf(stack, person);
    // A change that was begun leaves its new password behind as little.
    await changePassword(stack, token, goodPassword, otherPassword);
    const { visit, done } = await leave(person);
    expect(visit.begun).toMatchObject({ kind: 'unsubscription', step: 'otp' });
    expect(done).toMatchObject({
      status: 200,
      body: { journey: { step: 'done', outcome: 'unsubscribed' } },
    });
    for (const rows of [
      stack.db.prisma.password.count({ where: { citizenId } }),
      stack.db.prisma.stagedPassword.count({ where: { citizenId } }),
      stack.db.prisma.session.count({ where: { citizenId } }),
    ])
      expect(await rows).toBe(0);
    expect((await whoAmI(stack, token)).status).toBe(401);
    await untilClosed(person);
    // The notice is a workflow of its own.
    await until(
      () => textsSaying(person, 'ha causado baja'),
      (count) => count === 1,
    );
    expect(await auditTypesOf(stack, citizenId)).toContain('citizen-unsubscribed');
    expect((await visit.read()).body.journey).toMatchObject({ step: 'done', outcome: 'unsubscribed' });
    expect((await visit.enterOtp('000000')).status).toBe(410);
  });

  test('must confirm it by SMS: wrong codes change nothing', async () => {
    const person = await activePerson(stack);
    const token = await sessionOf(stack, person);
    const visit = await journeyOf(stack, unsubscribe(stack, token));
    const wrong = wrongOtp(await visit.otp());
    for (let entry = 0; entry < 4; entry += 1) await visit.enterOtp(wrong);
    expect((await visit.read()).body.journey.outcome).toBe('too-many-otps');
    expect((await whoAmI(stack, token)).status).toBe(200);
  });

  test('does not leave once the session has signed out', async () => {
    const person = await activePerson(stack);
    const token = await sessionOf(stack, person);
    const visit = await journeyOf(stack, unsubscribe(stack, token));
    const otp = await visit.otp();
    await call(stack, 'DELETE', '/sessions/current', { token });
    expect(await visit.enterOtp(otp)).toMatchObject({
      status: 410,
      body: { journey: { outcome: 'superseded' } },
    });
    expect((await signIn(stack, person)).status).toBe(201);
  });

  test('is answered as somebody unknown is, to the sixth wrong entry and after', async () => {
    const person = await activePerson(stack);
    await leave(person);
    await untilClosed(person);
    const stranger = somebody();
    expect(await signIn(stack, person)).toMatchObject({ status: 401, body: { code: 'sign-in-refused' } });
    const entries = async ({ nationalId, email }: { nationalId: string; email: string }) => {
      const answers = [];
      for (let entry = 0; entry < 7; entry += 1) {
        const body = { nationalId, email, activationCode: person.activationCode };
        const reply = await call(stack, 'POST', '/activations', { body });
        answers.push([reply.status, reply.body.code]);
      }
      return answers;
    };
    const theirs = await entries(person.data);
    expect(theirs).toEqual(await entries(stranger));
    expect(theirs[0]).toEqual([422, 'activation-data-refused']);
    expect(theirs[6]).toEqual([423, 'activation-code-blocked']);
  });

  test('is known to the office still, which can give no code without a new act', async () => {
    const person = await activePerson(stack);
    await leave(person);
    await untilClosed(person);
    expect(await atOffice(stack, '/citizen-lookups', person)).toMatchObject({
      status: 200,
      body: { citizenId: person.citizenId, status: 'unsubscribed', blocked: [] },
    });
    expect(await atOffice(stack, '/activation-codes', person)).toMatchObject({
      status: 409,
      body: { code: 'registration-act-needed' },
    });
    expect(await atOffice(stack, '/suspensions', person)).toMatchObject({ status: 404 });
  });

  test('comes back by a new act, as one who activates, in a workflow of its own, even with the old password', async () => {
    const person = await activePerson(stack);
    const { citizenId } = person;
    await leave(person);
    const { runId } = await untilClosed(person);
    await person.register();
    expect(person.citizenId).toBe(citizenId);
    expect(await workflowOf(person)).toMatchObject({ status: 'RUNNING' });
    expect((await workflowOf(person)).runId).not.toBe(runId);
    expect((await signIn(stack, person)).status).toBe(401);
    const visit = await person.visit();
    expect(visit.begun.kind).toBe('activation');
    await visit.enterOtp(await visit.otp());
    expect((await visit.choosePassword(goodPassword)).body.journey.outcome).toBe('activated');
    expect((await signIn(stack, person)).status).toBe(201);
  });

  test('comes back as well while the farewell is still on its way', async () => {
    const person = await activePerson(stack);
    await leave(person);
    await person.register();
    expect((await atOffice(stack, '/citizen-lookups', person)).body.status).toBe('registered');
    await person.setPassword(otherPassword);
    expect((await signIn(stack, person, otherPassword)).status).toBe(201);
  });

  test('frees the phone for somebody else', async () => {
    const person = await activePerson(stack);
    await leave(person);
    const heir = await new Person(stack, { phone: person.data.phone }).register();
    expect((await heir.setPassword()).status).toBe(200);
  });
});
