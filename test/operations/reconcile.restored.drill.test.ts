import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { setPassword, submitOtp } from '../../workflows/messages.ts';
import { goodPassword, otherPassword, Person } from '../actors/front-end.ts';
import {
  activePerson,
  atOffice,
  blockPassword,
  journeyOf,
  sessionOf,
  signIn,
  unsubscribe,
  whoAmI,
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

/** All rows of one citizen that a backup would bring back. */
const tables = ['Citizen', 'Password', 'Session', 'Journey'] as const;

/** PostgreSQL as it was before `work`, beside a Temporal that has gone on: a backup that was restored. */
async function restoredAfter(person: Person, work: () => Promise<unknown>): Promise<void> {
  const { citizenId } = person;
  const key = (table: string) => (table === 'Citizen' ? 'id' : '"citizenId"');
  const kept = new Map<string, unknown[]>();
  for (const table of tables)
    kept.set(
      table,
      (
        await queryAsOwner<{ row: unknown }>(
          stack,
          `SELECT to_jsonb(kept) AS row FROM "${table}" kept WHERE ${key(table)} = '${citizenId}'`,
        )
      ).map(({ row }) => row),
    );
  await work();
  await queryAsOwner(stack, `DELETE FROM "Text" WHERE "citizenId" = '${citizenId}'`);
  for (const table of [...tables].reverse())
    await queryAsOwner(stack, `DELETE FROM "${table}" WHERE ${key(table)} = '${citizenId}'`);
  for (const table of tables)
    for (const row of kept.get(table) ?? []) {
      const json = JSON.stringify(row).replaceAll("'", "''");
      await queryAsOwner(
        stack,
        `INSERT INTO "${table}" SELECT * FROM jsonb_populate_record(NULL::"${table}", '${json}')`,
      );
    }
}

describe('where PostgreSQL is older than Temporal', () => {
  test('a password that was replaced since opens nothing any more, and a reset brings the citizen back', async () => {
    const person = await activePerson(stack);
    await restoredAfter(person, () => person.setPassword(otherPassword));
    expect((await signIn(stack, person, goodPassword)).status).toBe(201);
    const lines: string[] = [];
    const seen = await repairAll((line) => lines.push(line));
    expect([kindsOf(seen), seen.left]).toEqual([['another-password'], []]);
    expect(lines).toEqual([`citizen=${person.citizenId}  another-password  mended`]);
    for (const password of [goodPassword, otherPassword])
      expect((await signIn(stack, person, password)).status).toBe(401);
    expect(kindsOf(await compare())).toEqual([]);
    expect((await person.setPassword('Sopla-Viento9')).body.journey.outcome).toBe('password-set');
    expect((await signIn(stack, person, 'Sopla-Viento9')).status).toBe(201);
    expect(kindsOf(await compare())).toEqual([]);
  });

  test('a password that was replaced since stays shut when an office has seen the citizen', async () => {
    const person = await activePerson(stack);
    await restoredAfter(person, () => person.setPassword(otherPassword));
    await repairAll();
    await person.register();
    expect((await signIn(stack, person, goodPassword)).status).toBe(401);
    expect(kindsOf(await compare())).toEqual([]);
    expect((await person.setPassword('Sopla-Viento9')).body.journey.outcome).toBe('password-set');
  });

  test('a password that was set since is lost, opens nothing, and is for the citizen to reset', async () => {
    const person = await new Person(stack).register();
    await restoredAfter(person, () => person.setPassword());
    const seen = await repairAll();
    expect([kindsOf(seen), seen.left.length]).toEqual([['password-lost'], 1]);
    expect((await signIn(stack, person)).status).toBe(401);
    expect((await person.setPassword(otherPassword)).body.journey.outcome).toBe('password-set');
    expect(kindsOf(await compare())).toEqual([]);
  });

  test('whoever left since has left', async () => {
    const person = await activePerson(stack);
    const token = await sessionOf(stack, person);
    await restoredAfter(person, async () => {
      const farewell = await journeyOf(stack, unsubscribe(stack, token));
      await farewell.enterOtp(await farewell.otp());
    });
    expect((await whoAmI(stack, token)).status).toBe(200);
    expect(kindsOf(await repairAll())).toEqual(['left-in-temporal']);
    expect((await whoAmI(stack, token)).status).toBe(401);
    expect((await signIn(stack, person)).status).toBe(401);
    expect(await stack.db.prisma.password.count({ where: { citizenId: person.citizenId } })).toBe(0);
    expect(kindsOf(await compare())).toEqual([]);
  });

  test('whoever left since and came anew does not get the password of before back by another act', async () => {
    const person = await activePerson(stack);
    const token = await sessionOf(stack, person);
    await restoredAfter(person, async () => {
      const farewell = await journeyOf(stack, unsubscribe(stack, token));
      await farewell.enterOtp(await farewell.otp());
      await person.register();
    });
    expect((await signIn(stack, person)).status).toBe(201);
    expect(kindsOf(await repairAll())).toContain('another-password');
    expect((await signIn(stack, person)).status).toBe(401);
    await person.register();
    expect((await signIn(stack, person)).status).toBe(401);
    expect(kindsOf(await compare())).toEqual([]);
    expect((await person.setPassword(otherPassword)).status).toBe(200);
    expect((await signIn(stack, person, otherPassword)).status).toBe(201);
  });

  test('a block and a suspension since then hold', async () => {
    const [blocked, suspended] = [await activePerson(stack), await activePerson(stack)];
    await restoredAfter(blocked, async () => {
      await blockPassword(stack, blocked);
      while (!JSON.stringify((await statusOf(blocked))?.blocked).includes('password'));
    });
    await restoredAfter(suspended, () => atOffice(stack, '/suspensions', suspended));
    expect(kindsOf(await repairAll())).toEqual(['blocked-in-temporal', 'suspended-in-temporal']);
    for (const person of [blocked, suspended]) expect((await signIn(stack, person)).status).toBe(401);
    expect(kindsOf(await compare())).toEqual([]);
  });

  test('a journey that is over is not left open', async () => {
    const person = await activePerson(stack);
    const visit = await person.confirmedVisit();
    await restoredAfter(person, () => visit.choosePassword(otherPassword));
    expect(kindsOf(await repairAll())).toEqual(['another-password', 'journey-left-open']);
    expect(await stack.db.prisma.journey.findUnique({ where: { id: visit.id } })).toMatchObject({
      outcome: 'superseded',
    });
  });

  test('an act since then: the phone of before gets nobody in, and another act brings the citizen back', async () => {
    const person = await activePerson(stack);
    const former = person.data.phone;
    await restoredAfter(person, () => person.register({ phone: '+34699999901' }));
    Object.assign(person.data, { phone: former });
    expect((await person.start()).status).toBe(201);
    expect((await signIn(stack, person)).status).toBe(201);
    expect(kindsOf(await repairAll())).toEqual(['act-lost']);
    expect((await person.start()).body).toMatchObject({ code: 'activation-code-blocked' });
    expect((await signIn(stack, person)).status).toBe(401);
    await until(
      () => statusOf(person),
      (said) => said?.blocked.length === 2,
    );
    expect(kindsOf(await compare())).toEqual([]);
    await person.register();
    expect((await signIn(stack, person)).status).toBe(201);
    expect(kindsOf(await compare())).toEqual([]);
  });

  test('a journey that PostgreSQL has lost ends superseded, and holds nothing up', async () => {
    const leaving = await activePerson(stack);
    const farewell = await journeyOf(stack, unsubscribe(stack, await sessionOf(stack, leaving)));
    const activating = await new Person(stack).register();
    const choosing = await activating.confirmedVisit();
    const otp = await farewell.otp();
    const asked = { requestId: randomUUID(), answerByMs: Date.now() + 60_000 };
    for (const { id } of [farewell, choosing]) {
      await queryAsOwner(stack, `DELETE FROM "Text" WHERE "journeyId" = '${id}'`);
      await queryAsOwner(stack, `DELETE FROM "Journey" WHERE id = '${id}'`);
    }
    // The API finds no journey any more: what came before the restore, and is done again after it.
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
    expect((await activating.setPassword()).body.journey.outcome).toBe('activated');
    expect(kindsOf(await compare())).toEqual([]);
  });

  test('whoever was registered since is not known any more, and their workflow ends', async () => {
    const person = await new Person(stack).register();
    await queryAsOwner(stack, `DELETE FROM "Text" WHERE "citizenId" = '${person.citizenId}'`);
    await queryAsOwner(stack, `DELETE FROM "Citizen" WHERE id = '${person.citizenId}'`);
    expect((await repairWithoutRestore()).repaired).toEqual([]);
    expect((await workflowOf(person).describe()).status.name).toBe('RUNNING');
    expect(kindsOf(await repairAll())).toEqual(['unknown-to-postgres']);
    const { status } = await workflowOf(person).describe();
    expect(status.name).toBe('TERMINATED');
    expect(kindsOf(await compare())).toEqual([]);
  });
});
