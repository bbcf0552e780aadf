import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { citizenUnsubscribed } from '../../workflows/messages.ts';
import { activeCitizen, Citizen } from '../actors/citizen.ts';
import { otherPassword } from '../actors/credentials.ts';
import { expectStartedJourney } from '../actors/journey.ts';
import { suspend } from '../actors/office.ts';
import { OnlineDriver } from '../actors/online-driver.ts';
import { blockPassword, newSession, signIn, unsubscribe } from '../actors/sessions.ts';
import { workflowTestContext } from '../actors/workflow-context.ts';
import { queryAsOwner } from '../database/rows.ts';
import { type Stack, startStack } from '../environment/stack.ts';
import { until } from '../environment/waiting.ts';
import { createReconciler, kindsOf } from './reconciler.ts';

let stack: Stack;
const { compare, repairAll, repairWithoutRestore, cleanUp, statusOf, workflowOf } = createReconciler(
  () => stack,
);
beforeAll(async () => {
  stack = await startStack({ own: true });
});
afterEach(cleanUp);
afterAll(() => stack.stop());

test('a consistent service, with journeys under way, has no discrepancy', async () => {
  await activeCitizen(stack);
  await (await new Citizen(stack).register()).startActivation();
  const blocked = await activeCitizen(stack);
  await blockPassword(stack, blocked);
  const suspended = await activeCitizen(stack);
  await suspend(stack, suspended);
  const leaving = await activeCitizen(stack);
  const farewell = await expectStartedJourney(stack, unsubscribe(stack, await newSession(stack, leaving)));
  await farewell.enterOtp(await farewell.otp());
  expect(await compare()).toEqual({ found: [], repaired: [], left: [] });
});

test('who is registering online is under way, until the workflow is lost: then the journey is ended', async () => {
  const driver = new OnlineDriver(workflowTestContext(stack));
  await driver.startRegistration();
  expect(await compare()).toEqual({ found: [], repaired: [], left: [] });
  await driver.handle.terminate('lost');
  expect((await repairWithoutRestore()).repaired).toMatchObject([{ kind: 'journey-left-open' }]);
  expect(await driver.row()).toMatchObject({ outcome: 'superseded' });
});

describe('where Temporal has lost data', () => {
  const lose = (citizen: Citizen) => workflowOf(citizen).terminate('lost');

  test('a workflow that is gone is for an office: a registration act brings it back, with the password in force', async () => {
    const citizen = await activeCitizen(stack);
    await lose(citizen);
    const seen = await repairWithoutRestore();
    expect([kindsOf(seen), seen.repaired]).toEqual([['workflow-missing-and-open'], []]);
    expect((await signIn(stack, citizen)).status).toBe(201);
    // The emergency stop works meanwhile, and still leaves the rest to an act.
    expect((await suspend(stack, citizen)).status).toBe(201);
    expect((await signIn(stack, citizen)).status).toBe(401);
    expect(kindsOf(await repairWithoutRestore())).toEqual(['workflow-missing']);
    await citizen.register();
    expect(kindsOf(await compare())).toEqual([]);
    expect((await citizen.activateOrReset(otherPassword)).body.journey.outcome).toBe('password-set');
  });

  test('after a restore its password is blocked, an act does not unblock it, and a reset does', async () => {
    const citizen = await activeCitizen(stack);
    await lose(citizen);
    expect((await repairAll()).repaired).toMatchObject([{ kind: 'workflow-missing-and-open' }]);
    expect((await signIn(stack, citizen)).status).toBe(401);
    expect(kindsOf(await compare())).toEqual(['workflow-missing']);
    await citizen.register();
    expect((await signIn(stack, citizen)).status).toBe(401);
    expect(kindsOf(await compare())).toEqual([]);
    expect((await citizen.activateOrReset(otherPassword)).body.journey.outcome).toBe('password-set');
    expect((await signIn(stack, citizen, otherPassword)).status).toBe(201);
  });

  test('an act that is refused meanwhile does not count the citizen as unsubscribed', async () => {
    const [citizen, other] = [await activeCitizen(stack), await activeCitizen(stack)];
    await lose(citizen);
    const { phone } = citizen.data;
    Object.assign(citizen.data, { phone: other.data.phone });
    expect((await citizen.tryRegister()).status).toBe(409);
    Object.assign(citizen.data, { phone });
    await until(
      () => workflowOf(citizen).describe(),
      ({ status }) => status.name === 'COMPLETED',
    );
    expect(kindsOf(await repairWithoutRestore())).toEqual(['workflow-missing-and-open']);
    expect((await signIn(stack, citizen)).status).toBe(201);
  });

  test('a code that was regenerated since then is void, and so is the one before', async () => {
    const citizen = await new Citizen(stack).register();
    const { activationCode } = citizen;
    await queryAsOwner(
      stack,
      `UPDATE "Citizen" SET "codeId" = gen_random_uuid() WHERE id = '${citizen.citizenId}'`,
    );
    expect(kindsOf(await repairAll())).toEqual(['code-replaced']);
    expect((await citizen.tryStartActivation({ activationCode })).body).toMatchObject({
      code: 'activation-code-blocked',
    });
    expect(kindsOf(await compare())).toEqual([]);
    await citizen.register();
    expect((await citizen.activateOrReset()).body.journey.outcome).toBe('activated');
    expect(kindsOf(await compare())).toEqual([]);
  });

  test('an unsubscription that the workflow lacks is sent to it, which goes on; one that an act has undone changes nothing', async () => {
    const citizen = await activeCitizen(stack);
    await queryAsOwner(
      stack,
      `UPDATE "Citizen" SET "unsubscribedAt" = now() WHERE id = '${citizen.citizenId}'`,
    );
    await queryAsOwner(stack, `DELETE FROM "Session" WHERE "citizenId" = '${citizen.citizenId}'`);
    await queryAsOwner(stack, `DELETE FROM "Password" WHERE "citizenId" = '${citizen.citizenId}'`);
    expect(kindsOf(await repairAll())).toEqual(['left-in-postgres']);
    await until(
      () => statusOf(citizen),
      (seen) => seen?.status === 'unsubscribed',
    );
    expect(kindsOf(await compare())).toEqual([]);
    expect((await workflowOf(citizen).describe()).status.name).toBe('RUNNING');
    await citizen.register();
    await workflowOf(citizen).signal(citizenUnsubscribed);
    expect((await citizen.activateOrReset()).body.journey.outcome).toBe('activated');
    expect((await statusOf(citizen))?.status).toBe('active');
  });

  test('a block and a suspension that the workflow lacks are sent to it', async () => {
    const [blocked, suspended] = [await activeCitizen(stack), await activeCitizen(stack)];
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
      `INSERT INTO "Suspension" (id, "citizenId", "officerId", "requestId", reason, "toldAt")
       VALUES (gen_random_uuid(), '${suspended.citizenId}', gen_random_uuid(), gen_random_uuid(), 'a lost phone', now())`,
    );
    expect(kindsOf(await repairAll())).toEqual(['blocked-in-postgres', 'suspended-in-postgres']);
    expect(kindsOf(await compare())).toEqual([]);
    expect((await statusOf(suspended))?.status).toBe('suspended');
  });
});
