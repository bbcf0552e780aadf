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
import { names, reconciling } from './reconciling.ts';

let stack: Stack;
const { look, lookInHealth, leaveNothing, standingOf, workflowOf } = reconciling(() => stack);
beforeAll(async () => {
  stack = await startStack();
});
afterEach(leaveNothing);
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
  expect(await look(false)).toEqual({ found: [], mended: [], left: [] });
});

describe('where Temporal has lost or forgotten something', () => {
  const lose = (person: Person) => workflowOf(person).terminate('lost');

  test('a workflow that is gone is for an office: a registration act brings it back, with the password in force', async () => {
    const person = await activePerson(stack);
    await lose(person);
    const seen = await lookInHealth();
    expect([names(seen), seen.mended]).toEqual([['workflow-missing-and-open'], []]);
    expect((await signIn(stack, person)).status).toBe(201);
    await person.register();
    expect(names(await look(false))).toEqual([]);
    expect((await person.setPassword(otherPassword)).body.journey.outcome).toBe('password-set');
  });

  test('after a restore its password is shut, an act leaves it so, and a reset brings the citizen back', async () => {
    const person = await activePerson(stack);
    await lose(person);
    expect((await look(true)).mended).toMatchObject([{ disagreement: 'workflow-missing-and-open' }]);
    expect((await signIn(stack, person)).status).toBe(401);
    expect(names(await look(false))).toEqual(['workflow-missing']);
    await person.register();
    expect((await signIn(stack, person)).status).toBe(401);
    expect(names(await look(false))).toEqual([]);
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
    expect(names(await lookInHealth())).toEqual(['workflow-missing-and-open']);
    expect((await signIn(stack, person)).status).toBe(201);
  });

  test('a code that was regenerated since then is void, and so is the one before', async () => {
    const person = await new Person(stack).register();
    const { activationCode } = person;
    await queryAsOwner(
      stack,
      `UPDATE "Citizen" SET "codeId" = gen_random_uuid() WHERE id = '${person.citizenId}'`,
    );
    expect(names(await look(true))).toEqual(['code-replaced']);
    expect((await person.start({ activationCode })).body).toMatchObject({ code: 'activation-code-blocked' });
    expect(names(await look(false))).toEqual([]);
    await person.register();
    expect((await person.setPassword()).body.journey.outcome).toBe('activated');
    expect(names(await look(false))).toEqual([]);
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
    expect(names(await look(true))).toEqual(['blocked-in-postgres', 'suspended-in-postgres']);
    expect(names(await look(false))).toEqual([]);
    expect((await standingOf(suspended))?.status).toBe('suspended');
  });
});
