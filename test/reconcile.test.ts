import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { onlyAfterRestore } from '../api/reconcile/disagreements.ts';
import { type How, type Reconciled, reconcile } from '../api/reconcile/reconcile.ts';
import { createAsk } from '../api/support/ask.ts';
import { citizenWorkflowId } from '../platform/temporal.ts';
import { setPassword, standing, submitOtp } from '../workflows/messages.ts';
import { goodPassword, otherPassword, Person } from './support/front-end.ts';
import { asOwner } from './support/rows.ts';
import {
  activePerson,
  atOffice,
  blockPassword,
  journeyOf,
  sessionOf,
  signIn,
  unsubscribe,
  whoAmI,
} from './support/signed-in.ts';
import { type Stack, startStack } from './support/stack.ts';
import { until } from './support/waiting.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());

const run = (mends: How['mends'], say: How['say'] = () => {}): Promise<Reconciled> => {
  const { db, client } = stack;
  return reconcile({ db, client, ask: createAsk(client, () => true) }, { mends, say, pauseMs: 500 });
};
const look = (mends: boolean, say?: How['say']): Promise<Reconciled> => run(() => mends, say);
/** As `--mend` without `--after-restore`. */
const lookInHealth = (): Promise<Reconciled> => run((one) => !onlyAfterRestore.has(one));
const names = ({ found }: Reconciled) => found.map(({ disagreement }) => disagreement).sort();

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
        await asOwner<{ row: unknown }>(
          stack,
          `SELECT to_jsonb(kept) AS row FROM "${table}" kept WHERE ${key(table)} = '${citizenId}'`,
        )
      ).map(({ row }) => row),
    );
  await work();
  await asOwner(stack, `DELETE FROM "Text" WHERE "citizenId" = '${citizenId}'`);
  for (const table of [...tables].reverse())
    await asOwner(stack, `DELETE FROM "${table}" WHERE ${key(table)} = '${citizenId}'`);
  for (const table of tables)
    for (const row of kept.get(table) ?? []) {
      const json = JSON.stringify(row).replaceAll("'", "''");
      await asOwner(
        stack,
        `INSERT INTO "${table}" SELECT * FROM jsonb_populate_record(NULL::"${table}", '${json}')`,
      );
    }
}

afterEach(async () => {
  // Whatever was found has been mended, or is for people: what is left of it is taken away.
  const { left } = await look(true);
  for (const { citizenId } of left)
    await asOwner(stack, `UPDATE "Citizen" SET "unsubscribedAt" = now() WHERE id = '${citizenId}'`);
  for (const { citizenId } of left)
    await stack.client.workflow
      .getHandle(citizenWorkflowId(citizenId))
      .terminate()
      .catch(() => {});
});

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

describe('where PostgreSQL is older than Temporal', () => {
  test('a password that was replaced since opens nothing any more, and a reset brings the citizen back', async () => {
    const person = await activePerson(stack);
    await restoredAfter(person, () => person.setPassword(otherPassword));
    expect((await signIn(stack, person, goodPassword)).status).toBe(201);
    const lines: string[] = [];
    const seen = await look(true, (line) => lines.push(line));
    expect([names(seen), seen.left]).toEqual([['another-password'], []]);
    expect(lines).toEqual([`citizen=${person.citizenId}  another-password  mended`]);
    for (const password of [goodPassword, otherPassword])
      expect((await signIn(stack, person, password)).status).toBe(401);
    expect(names(await look(false))).toEqual([]);
    expect((await person.setPassword('Sopla-Viento9')).body.journey.outcome).toBe('password-set');
    expect((await signIn(stack, person, 'Sopla-Viento9')).status).toBe(201);
    expect(names(await look(false))).toEqual([]);
  });

  test('a password that was replaced since stays shut when an office has seen the citizen', async () => {
    const person = await activePerson(stack);
    await restoredAfter(person, () => person.setPassword(otherPassword));
    await look(true);
    await person.register();
    expect((await signIn(stack, person, goodPassword)).status).toBe(401);
    expect(names(await look(false))).toEqual([]);
    expect((await person.setPassword('Sopla-Viento9')).body.journey.outcome).toBe('password-set');
  });

  test('a password that was set since is lost, opens nothing, and is for the citizen to reset', async () => {
    const person = await new Person(stack).register();
    await restoredAfter(person, () => person.setPassword());
    const seen = await look(true);
    expect([names(seen), seen.left.length]).toEqual([['password-lost'], 1]);
    expect((await signIn(stack, person)).status).toBe(401);
    expect((await person.setPassword(otherPassword)).body.journey.outcome).toBe('password-set');
    expect(names(await look(false))).toEqual([]);
  });

  test('whoever left since has left', async () => {
    const person = await activePerson(stack);
    const token = await sessionOf(stack, person);
    await restoredAfter(person, async () => {
      const farewell = await journeyOf(stack, unsubscribe(stack, token));
      await farewell.enterOtp(await farewell.otp());
    });
    expect((await whoAmI(stack, token)).status).toBe(200);
    expect(names(await look(true))).toEqual(['left-in-temporal']);
    expect((await whoAmI(stack, token)).status).toBe(401);
    expect((await signIn(stack, person)).status).toBe(401);
    expect(await stack.db.prisma.password.count({ where: { citizenId: person.citizenId } })).toBe(0);
    expect(names(await look(false))).toEqual([]);
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
    expect(names(await look(true))).toContain('another-password');
    expect((await signIn(stack, person)).status).toBe(401);
    await person.register();
    expect((await signIn(stack, person)).status).toBe(401);
    expect(names(await look(false))).toEqual([]);
    expect((await person.setPassword(otherPassword)).status).toBe(200);
    expect((await signIn(stack, person, otherPassword)).status).toBe(201);
  });

  test('a block and a suspension since then hold', async () => {
    const [blocked, suspended] = [await activePerson(stack), await activePerson(stack)];
    await restoredAfter(blocked, async () => {
      await blockPassword(stack, blocked);
      while (!JSON.stringify((await standingOf(blocked))?.blocked).includes('password'));
    });
    await restoredAfter(suspended, () => atOffice(stack, '/suspensions', suspended));
    expect(names(await look(true))).toEqual(['blocked-in-temporal', 'suspended-in-temporal']);
    for (const person of [blocked, suspended]) expect((await signIn(stack, person)).status).toBe(401);
    expect(names(await look(false))).toEqual([]);
  });

  test('a journey that is over is not left open', async () => {
    const person = await activePerson(stack);
    const visit = await person.confirmedVisit();
    await restoredAfter(person, () => visit.choosePassword(otherPassword));
    expect(names(await look(true))).toEqual(['another-password', 'journey-left-open']);
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
    expect(names(await look(true))).toEqual(['act-lost']);
    expect((await person.start()).body).toMatchObject({ code: 'activation-code-blocked' });
    expect((await signIn(stack, person)).status).toBe(401);
    await until(
      () => standingOf(person),
      (said) => said?.blocked.length === 2,
    );
    expect(names(await look(false))).toEqual([]);
    await person.register();
    expect((await signIn(stack, person)).status).toBe(201);
    expect(names(await look(false))).toEqual([]);
  });

  test('a journey that PostgreSQL has lost ends superseded, and holds nothing up', async () => {
    const leaving = await activePerson(stack);
    const farewell = await journeyOf(stack, unsubscribe(stack, await sessionOf(stack, leaving)));
    const activating = await new Person(stack).register();
    const choosing = await activating.confirmedVisit();
    const otp = await farewell.otp();
    const asked = { requestId: randomUUID(), answerByMs: Date.now() + 60_000 };
    for (const { id } of [farewell, choosing]) {
      await asOwner(stack, `DELETE FROM "Text" WHERE "journeyId" = '${id}'`);
      await asOwner(stack, `DELETE FROM "Journey" WHERE id = '${id}'`);
    }
    // The API finds no journey any more: what came before the restore, and is done again after it.
    const entered = stack.ring.fingerprints('otp-fingerprint', [farewell.id, otp]);
    const end = { ...asked, visitId: farewell.id, messageId: randomUUID(), entered };
    const choice = {
      ...asked,
      visitId: choosing.id,
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
    expect(names(await look(false))).toEqual([]);
  });

  test('whoever was registered since is not known any more, and their workflow ends', async () => {
    const person = await new Person(stack).register();
    await asOwner(stack, `DELETE FROM "Text" WHERE "citizenId" = '${person.citizenId}'`);
    await asOwner(stack, `DELETE FROM "Citizen" WHERE id = '${person.citizenId}'`);
    expect((await lookInHealth()).mended).toEqual([]);
    expect((await workflowOf(person).describe()).status.name).toBe('RUNNING');
    expect(names(await look(true))).toEqual(['unknown-to-postgres']);
    const { status } = await stack.client.workflow.getHandle(citizenWorkflowId(person.citizenId)).describe();
    expect(status.name).toBe('TERMINATED');
    expect(names(await look(false))).toEqual([]);
  });
});

describe('where Temporal has lost or forgotten something', () => {
  const lose = (person: Person) =>
    stack.client.workflow.getHandle(citizenWorkflowId(person.citizenId)).terminate('lost');

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
      () => stack.client.workflow.getHandle(citizenWorkflowId(person.citizenId)).describe(),
      ({ status }) => status.name === 'COMPLETED',
    );
    expect(names(await lookInHealth())).toEqual(['workflow-missing-and-open']);
    expect((await signIn(stack, person)).status).toBe(201);
  });

  test('a code that was regenerated since then is void, and so is the one before', async () => {
    const person = await new Person(stack).register();
    const { activationCode } = person;
    await asOwner(
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
    await asOwner(
      stack,
      `UPDATE "Password" SET "blockedAt" = now(), "blockToldAt" = now() WHERE "citizenId" = '${blocked.citizenId}'`,
    );
    await asOwner(stack, `UPDATE "Citizen" SET "suspendedAt" = now() WHERE id = '${suspended.citizenId}'`);
    await asOwner(
      stack,
      `INSERT INTO "Suspension" (id, "citizenId", "officerId", "requestId", reason)
       VALUES (gen_random_uuid(), '${suspended.citizenId}', gen_random_uuid(), gen_random_uuid(), 'a lost phone')`,
    );
    expect(names(await look(true))).toEqual(['blocked-in-postgres', 'suspended-in-postgres']);
    expect(names(await look(false))).toEqual([]);
    expect((await standingOf(suspended))?.status).toBe('suspended');
  });
});

const workflowOf = ({ citizenId }: Person) => stack.client.workflow.getHandle(citizenWorkflowId(citizenId));
const standingOf = (person: Person) => workflowOf(person).query(standing);
