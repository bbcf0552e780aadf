import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { otherPassword, Person } from '../actors/front-end.ts';
import {
  activePerson,
  atOffice,
  blockPassword,
  journeyOf,
  sessionOf,
  signIn,
  unsubscribe,
} from '../actors/signed-in.ts';
import { queryAsOwner } from '../database/rows.ts';
import { type Stack, startStack } from '../environment/stack.ts';
import { until } from '../environment/waiting.ts';
import { createReconciler, kindsOf } from './reconciler.ts';

let stack: Stack;
const { compare, repairAll, repairWithoutRestore, cleanUp, statusOf, workflowOf } = createReconciler(
  () => stack,
);
beforeAll(async () => {
  stack = await startStack();
});
afterEach(cleanUp);
afterAll(() => stack.stop());

test('a service that is well, with journeys under way, has nothing to be mended', async () => {
  await activePerson(stack);
  await (await new Person(stack).register()).visit();
  const blocked = await activePerson(stack);
  await blockPassword(stack, blocked);
  const suspended = await activePerson(stack);
  await atOffice(stack, '/suspensions', suspended);
  const leaving = await activePerson(stack);
  const farewell = await journeyOf(stack, unsubscribe(stack, await sessionOf(stack, leaving)));
  await farewell.enterOtp(await farewell.otp());
  expect(await compare()).toEqual({ found: [], repaired: [], left: [] });
});

describe('where Temporal has lost or forgotten something', () => {
  const lose = (person: Person) => workflowOf(person).terminate('lost');

  test('a workflow that is gone is for an office: a registration act brings it back, with the password in force', async () => {
    const person = await activePerson(stack);
    await lose(person);
    const seen = await repairWithoutRestore();
    expect([kindsOf(seen), seen.repaired]).toEqual([['workflow-missing-and-open'], []]);
    expect((await signIn(stack, person)).status).toBe(201);
    await person.register();
    expect(kindsOf(await compare())).toEqual([]);
    expect((await person.setPassword(otherPassword)).body.journey.outcome).toBe('password-set');
  });

  test('after a restore its password is shut, an act leaves it so, and a reset brings the citizen back', async () => {
    const person = await activePerson(stack);
    await lose(person);
    expect((await repairAll()).repaired).toMatchObject([{ kind: 'workflow-missing-and-open' }]);
    expect((await signIn(stack, person)).status).toBe(401);
    expect(kindsOf(await compare())).toEqual(['workflow-missing']);
    await person.register();
    expect((await signIn(stack, person)).status).toBe(401);
    expect(kindsOf(await compare())).toEqual([]);
    expect((await person.setPassword(otherPassword)).body.journey.outcome).toBe('password-set');
    expect((await signIn(stack, person, otherPassword)).status).toBe(201);
  });

  test('an act that is refused meanwhile makes nobody one who has left', async () => {
    const [person, other] = [await activePerson(stack), await activePerson(stack)];
    await lose(person);
    const { phone } = person.data;
    Object.assign(person.data, { phone: other.data.phone });
    expect((await person.tryRegister()).status).toBe(409);
    Object.assign(person.data, { phone });
    await until(
      () => workflowOf(person).describe(),
      ({ status }) => status.name === 'COMPLETED',
    );
    expect(kindsOf(await repairWithoutRestore())).toEqual(['workflow-missing-and-open']);
    expect((await signIn(stack, person)).status).toBe(201);
  });

  test('a code that was regenerated since then is void, and so is the one before', async () => {
    const person = await new Person(stack).register();
    const { activationCode } = person;
    await queryAsOwner(
      stack,
      `UPDATE "Citizen" SET "codeId" = gen_random_uuid() WHERE id = '${person.citizenId}'`,
    );
    expect(kindsOf(await repairAll())).toEqual(['code-replaced']);
    expect((await person.start({ activationCode })).body).toMatchObject({ code: 'activation-code-blocked' });
    expect(kindsOf(await compare())).toEqual([]);
    await person.register();
    expect((await person.setPassword()).body.journey.outcome).toBe('activated');
    expect(kindsOf(await compare())).toEqual([]);
  });

  test('a block and a suspension of which it does not know are told to it', async () => {
    const [blocked, suspended] = [await activePerson(stack), await activePerson(stack)];
    await queryAsOwner(
      stack,
      `UPDATE "Password" SET "blockedAt" = now(), "blockToldAt" = now() WHERE "citizenId" = '${blocked.citizenId}'`,
    );
    await queryAsOwner(
      stack,
      `UPDATE "Citizen" SET "suspendedAt" = now() WHERE id = '${suspended.citizenId}'`,
    );
    await queryAsOwner(
      stack,
      `INSERT INTO "Suspension" (id, "citizenId", "officerId", "requestId", reason)
       VALUES (gen_random_uuid(), '${suspended.citizenId}', gen_random_uuid(), gen_random_uuid(), 'a lost phone')`,
    );
    expect(kindsOf(await repairAll())).toEqual(['blocked-in-postgres', 'suspended-in-postgres']);
    expect(kindsOf(await compare())).toEqual([]);
    expect((await statusOf(suspended))?.status).toBe('suspended');
  });
});
