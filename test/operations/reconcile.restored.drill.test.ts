import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { setPassword, submitOtp } from '../../workflows/messages.ts';
import { activeCitizen, Citizen } from '../actors/citizen.ts';
import { goodPassword, otherPassword } from '../actors/credentials.ts';
import { expectStartedJourney } from '../actors/journey.ts';
import { suspend } from '../actors/office.ts';
import { blockPassword, currentSession, newSession, signIn, unsubscribe } from '../actors/sessions.ts';
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

/** The tables that a restored backup would reset for a citizen. */
const tables = ['Citizen', 'Password', 'Session', 'Journey'] as const;

/** Runs `work`, then resets the citizen's rows: a restored PostgreSQL next to a Temporal that has continued. */
async function restoredAfter(citizen: Citizen, work: () => Promise<unknown>): Promise<void> {
  const { citizenId } = citizen;
  const key = (table: string) => (table === 'Citizen' ? 'id' : '"citizenId"');
  const saved = new Map<string, unknown[]>();
  for (const table of tables)
    saved.set(
      table,
      (
        await queryAsOwner<{ row: unknown }>(
          stack,
          `SELECT to_jsonb(saved) AS row FROM "${table}" saved WHERE ${key(table)} = '${citizenId}'`,
        )
      ).map(({ row }) => row),
    );
  await work();
  await queryAsOwner(stack, `DELETE FROM "Text" WHERE "citizenId" = '${citizenId}'`);
  for (const table of [...tables].reverse())
    await queryAsOwner(stack, `DELETE FROM "${table}" WHERE ${key(table)} = '${citizenId}'`);
  for (const table of tables)
    for (const row of saved.get(table) ?? []) {
      const json = JSON.stringify(row).replaceAll("'", "''");
      await queryAsOwner(
        stack,
        `INSERT INTO "${table}" SELECT * FROM jsonb_populate_record(NULL::"${table}", '${json}')`,
      );
    }
}

describe('where PostgreSQL is older than Temporal', () => {
  test('a password that was replaced since opens nothing any more, and a reset brings the citizen back', async () => {
    const citizen = await activeCitizen(stack);
    await restoredAfter(citizen, () => citizen.activateOrReset(otherPassword));
    expect((await signIn(stack, citizen, goodPassword)).status).toBe(201);
    const lines: string[] = [];
    const seen = await repairAll((line) => lines.push(line));
    expect([kindsOf(seen), seen.left]).toEqual([['another-password'], []]);
    expect(lines).toEqual([`citizen=${citizen.citizenId}  another-password  mended`]);
    for (const password of [goodPassword, otherPassword])
      expect((await signIn(stack, citizen, password)).status).toBe(401);
    expect(kindsOf(await compare())).toEqual([]);
    expect((await citizen.activateOrReset('Sopla-Viento9')).body.journey.outcome).toBe('password-set');
    expect((await signIn(stack, citizen, 'Sopla-Viento9')).status).toBe(201);
    expect(kindsOf(await compare())).toEqual([]);
  });

  test('a password that was replaced since stays blocked after a registration act', async () => {
    const citizen = await activeCitizen(stack);
    await restoredAfter(citizen, () => citizen.activateOrReset(otherPassword));
    await repairAll();
    await citizen.register();
    expect((await signIn(stack, citizen, goodPassword)).status).toBe(401);
    expect(kindsOf(await compare())).toEqual([]);
    expect((await citizen.activateOrReset('Sopla-Viento9')).body.journey.outcome).toBe('password-set');
  });

  test('a password that was set since is lost, opens nothing, and is for the citizen to reset', async () => {
    const citizen = await new Citizen(stack).register();
    await restoredAfter(citizen, () => citizen.activateOrReset());
    const seen = await repairAll();
    expect([kindsOf(seen), seen.left.length]).toEqual([['password-lost'], 1]);
    expect((await signIn(stack, citizen)).status).toBe(401);
    expect((await citizen.activateOrReset(otherPassword)).body.journey.outcome).toBe('password-set');
    expect(kindsOf(await compare())).toEqual([]);
  });

  test('a citizen who unsubscribed since stays unsubscribed', async () => {
    const citizen = await activeCitizen(stack);
    const token = await newSession(stack, citizen);
    await restoredAfter(citizen, async () => {
      const farewell = await expectStartedJourney(stack, unsubscribe(stack, token));
      await farewell.enterOtp(await farewell.otp());
    });
    expect((await currentSession(stack, token)).status).toBe(200);
    expect(kindsOf(await repairAll())).toEqual(['left-in-temporal']);
    expect((await currentSession(stack, token)).status).toBe(401);
    expect((await signIn(stack, citizen)).status).toBe(401);
    expect(await stack.db.prisma.password.count({ where: { citizenId: citizen.citizenId } })).toBe(0);
    expect(kindsOf(await compare())).toEqual([]);
  });

  test('a citizen who unsubscribed and registered again since does not get the old password back by another act', async () => {
    const citizen = await activeCitizen(stack);
    const token = await newSession(stack, citizen);
    await restoredAfter(citizen, async () => {
      const farewell = await expectStartedJourney(stack, unsubscribe(stack, token));
      await farewell.enterOtp(await farewell.otp());
      await citizen.register();
    });
    expect((await signIn(stack, citizen)).status).toBe(201);
    expect(kindsOf(await repairAll())).toContain('another-password');
    expect((await signIn(stack, citizen)).status).toBe(401);
    await citizen.register();
    expect((await signIn(stack, citizen)).status).toBe(401);
    expect(kindsOf(await compare())).toEqual([]);
    expect((await citizen.activateOrReset(otherPassword)).status).toBe(200);
    expect((await signIn(stack, citizen, otherPassword)).status).toBe(201);
  });

  test('a block and a suspension since then hold', async () => {
    const [blocked, suspended] = [await activeCitizen(stack), await activeCitizen(stack)];
    await restoredAfter(blocked, async () => {
      await blockPassword(stack, blocked);
      while (!JSON.stringify((await statusOf(blocked))?.blocked).includes('password'));
    });
    await restoredAfter(suspended, () => suspend(stack, suspended));
    expect(kindsOf(await repairAll())).toEqual(['blocked-in-temporal', 'suspended-in-temporal']);
    for (const citizen of [blocked, suspended]) expect((await signIn(stack, citizen)).status).toBe(401);
    expect(kindsOf(await compare())).toEqual([]);
  });

  test('a journey that is over is not left open', async () => {
    const citizen = await activeCitizen(stack);
    const journey = await citizen.confirmedJourney();
    await restoredAfter(citizen, () => journey.setPassword(otherPassword));
    expect(kindsOf(await repairAll())).toEqual(['another-password', 'journey-left-open']);
    expect(await stack.db.prisma.journey.findUnique({ where: { id: journey.id } })).toMatchObject({
      outcome: 'superseded',
    });
  });

  test('an act since then: the former phone gives no access, and another act restores the citizen', async () => {
    const citizen = await activeCitizen(stack);
    const former = citizen.data.phone;
    await restoredAfter(citizen, () => citizen.register({ phone: '+34699999901' }));
    Object.assign(citizen.data, { phone: former });
    expect((await citizen.tryStartActivation()).status).toBe(201);
    expect((await signIn(stack, citizen)).status).toBe(201);
    expect(kindsOf(await repairAll())).toEqual(['act-lost']);
    expect((await citizen.tryStartActivation()).body).toMatchObject({ code: 'activation-code-blocked' });
    expect((await signIn(stack, citizen)).status).toBe(401);
    await until(
      () => statusOf(citizen),
      (said) => said?.blocked.length === 2,
    );
    expect(kindsOf(await compare())).toEqual([]);
    await citizen.register();
    expect((await signIn(stack, citizen)).status).toBe(201);
    expect(kindsOf(await compare())).toEqual([]);
  });

  test('a journey that PostgreSQL has lost ends superseded, and holds nothing up', async () => {
    const leaving = await activeCitizen(stack);
    const farewell = await expectStartedJourney(stack, unsubscribe(stack, await newSession(stack, leaving)));
    const activating = await new Citizen(stack).register();
    const choosing = await activating.confirmedJourney();
    const otp = await farewell.otp();
    const asked = { requestId: randomUUID(), answerByMs: Date.now() + 60_000 };
    for (const { id } of [farewell, choosing]) {
      await queryAsOwner(stack, `DELETE FROM "Text" WHERE "journeyId" = '${id}'`);
      await queryAsOwner(stack, `DELETE FROM "Journey" WHERE id = '${id}'`);
    }
    // The API no longer finds these journeys: messages that were sent before the restore and are retried after it.
    const entered = stack.ring.fingerprints('otp-fingerprint', [farewell.id, otp]);
    const end = { ...asked, journeyId: farewell.id, messageId: randomUUID(), entered };
    const choice = {
      ...asked,
      journeyId: choosing.id,
      messageId: randomUUID(),
      stagedPasswordId: randomUUID(),
    };
    const outcomes = await Promise.all([
      workflowOf(leaving).executeUpdate(submitOtp, { args: [end] }),
      workflowOf(activating).executeUpdate(setPassword, { args: [choice] }),
    ]);
    for (const { journey } of outcomes)
      expect([journey.step, journey.outcome]).toEqual(['ended', 'superseded']);
    expect((await signIn(stack, leaving)).status).toBe(201);
    expect((await activating.activateOrReset()).body.journey.outcome).toBe('activated');
    expect(kindsOf(await compare())).toEqual([]);
  });

  test('a citizen who was registered since is unknown, and their workflow ends', async () => {
    const citizen = await new Citizen(stack).register();
    await queryAsOwner(stack, `DELETE FROM "Text" WHERE "citizenId" = '${citizen.citizenId}'`);
    await queryAsOwner(stack, `DELETE FROM "Citizen" WHERE id = '${citizen.citizenId}'`);
    expect((await repairWithoutRestore()).repaired).toEqual([]);
    expect((await workflowOf(citizen).describe()).status.name).toBe('RUNNING');
    expect(kindsOf(await repairAll())).toEqual(['unknown-to-postgres']);
    const { status } = await workflowOf(citizen).describe();
    expect(status.name).toBe('TERMINATED');
    expect(kindsOf(await compare())).toEqual([]);
  });
});
