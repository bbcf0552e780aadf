import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { activeCitizen, type Citizen } from '../actors/citizen.ts';
import { goodPassword, wrongOtp } from '../actors/credentials.ts';
import { Journey } from '../actors/journey.ts';
import { signIn, signInSubstantial } from '../actors/sessions.ts';
import { lockCitizen, lockPassword } from '../database/row-locks.ts';
import { queryAsOwner } from '../database/rows.ts';
import type { ApiInProcess } from '../environment/api-in-process.ts';
import { type Stack, startStack } from '../environment/stack.ts';
import { type EndingName, endedBy, endings, race } from './endings.ts';

let stack: Stack;
/** A second API instance on the same databases. */
let other: ApiInProcess;
beforeAll(async () => {
  stack = await startStack({ own: true, policy: { textsPerPhone: { tries: 1_000 } } });
  other = await stack.startApi(stack.key);
});
afterAll(async () => {
  await other.stop();
  await stack.stop();
});

const sessionsOf = ({ citizenId }: Citizen) => stack.db.prisma.session.count({ where: { citizenId } });
const openOf = ({ citizenId }: Citizen) =>
  stack.db.prisma.journey.count({ where: { citizenId, kind: 'sign-in', finishedAt: null } });
const onOther = (): Stack => ({ ...stack, url: other.url });
/** Entries that were compared and wrong: the trail has no reason why they were not compared. */
const judged = async ({ citizenId }: Citizen): Promise<number> => {
  const rows = await queryAsOwner<{ count: number }>(
    stack,
    `SELECT count(*)::int AS count FROM "AuditEvent" WHERE "citizenId" = $1 AND type = 'otp-refused' AND detail->>'reason' IS NULL`,
    [citizenId],
  );
  return rows[0]?.count ?? 0;
};

describe('identifications of one citizen at once', () => {
  test('eight begun on two processes leave one open', async () => {
    const citizen = await activeCitizen(stack);
    const begin = (at: Stack) => signIn(at, citizen, goodPassword, { assurance: 'substantial' });
    const replies = await Promise.all(
      Array.from({ length: 8 }, (_, index) => begin(index % 2 ? stack : onOther())),
    );
    expect(replies.map(({ status }) => status)).toEqual(Array(8).fill(201));
    expect(await openOf(citizen)).toBe(1);
  });

  test('with 25 guesses at once each, are judged as often as the budget of a day allows, and no more', async () => {
    const citizen = await activeCitizen(stack);
    const statuses: number[] = [];
    for (let round = 0; round < 5; round += 1) {
      const reply = await signIn(stack, citizen, goodPassword, { assurance: 'substantial' });
      statuses.push(reply.status);
      if (reply.status !== 201) break;
      const [journey, elsewhere] = [new Journey(stack, reply), new Journey(onOther(), reply)];
      const wrong = wrongOtp(await journey.otp());
      await Promise.all(
        Array.from({ length: 25 }, (_, index) => (index % 2 ? journey : elsewhere).enterOtp(wrong)),
      );
    }
    expect(statuses.at(-1)).toBe(429);
    expect(await judged(citizen)).toBe(stack.policy.halvedWrongOtps.perPeriod.max);
    expect(await sessionsOf(citizen)).toBe(0);
  });

  test('with 25 guesses at once on each while the next begins, are judged as often as that', async () => {
    const citizen = await activeCitizen(stack);
    const begin = (at: Stack) => signIn(at, citizen, goodPassword, { assurance: 'substantial' });
    let reply = await begin(stack);
    for (let round = 0; round < 4 && reply.status === 201; round += 1) {
      const [journey, elsewhere] = [new Journey(stack, reply), new Journey(onOther(), reply)];
      const wrong = wrongOtp(await journey.otp());
      const guesses = Array.from({ length: 25 }, (_, index) =>
        (index % 2 ? journey : elsewhere).enterOtp(wrong),
      );
      [reply] = await Promise.all([begin(onOther()), ...guesses]);
    }
    expect(await judged(citizen)).toBeLessThanOrEqual(stack.policy.halvedWrongOtps.perPeriod.max);
    expect(await openOf(citizen)).toBeLessThanOrEqual(1);
    expect(await sessionsOf(citizen)).toBe(0);
  });

  test('and sixteen right codes on two processes open one session', async () => {
    const citizen = await activeCitizen(stack);
    const reply = await signIn(stack, citizen, goodPassword, { assurance: 'substantial' });
    const [journey, elsewhere] = [new Journey(stack, reply), new Journey(onOther(), reply)];
    const otp = await journey.otp();
    const replies = await Promise.all(
      Array.from({ length: 16 }, (_, index) => (index % 2 ? journey : elsewhere).enterOtp(otp)),
    );
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(await sessionsOf(citizen)).toBe(1);
  });
});

describe('an identification that waits for its code', () => {
  test.each(Object.keys(endings) as EndingName[])('is ended by %s at once, and audited', async (name) => {
    const { id } = await endedBy(stack, name);
    const { outcome } = endings[name];
    expect(await stack.db.prisma.journey.findUniqueOrThrow({ where: { id } })).toMatchObject({ outcome });
    const finished = await queryAsOwner<{ detail: unknown }>(
      stack,
      `SELECT detail FROM "AuditEvent" WHERE "journeyId" = $1 AND type = 'journey-finished'`,
      [id],
    );
    expect(finished).toEqual([{ detail: { kind: 'sign-in', outcome } }]);
  });

  test('is one of its kind: the index lets no other be open', async () => {
    const citizen = await activeCitizen(stack);
    const { id } = await signInSubstantial(stack, citizen);
    const row = await stack.db.prisma.journey.findUniqueOrThrow({ where: { id } });
    const another = { ...row, id: 'another', tokenDigest: 'another' };
    const opened = stack.db.prisma.journey.create({ data: another }).then(() => 'opened', String);
    expect(await opened).toContain('Unique constraint');
  });

  test.each([
    ['citizen', lockCitizen],
    ['password', lockPassword],
  ] as const)('is locked after the %s by the right code', async (_what, lock) => {
    const citizen = await activeCitizen(stack);
    const journey = await signInSubstantial(stack, citizen);
    const otp = await journey.otp();
    const held = await lock(stack, citizen.citizenId);
    const entered = journey.enterOtp(otp);
    await held.untilWaitedFor();
    const free = 'SELECT id FROM "Journey" WHERE id = $1 FOR UPDATE NOWAIT';
    expect(await queryAsOwner(stack, free, [journey.id])).toHaveLength(1);
    if (lock === lockCitizen) {
      const password = 'SELECT id FROM "Password" WHERE "citizenId" = $1 FOR UPDATE NOWAIT';
      expect(await queryAsOwner(stack, password, [citizen.citizenId])).toHaveLength(1);
    }
    await held.release();
    expect((await entered).status).toBe(200);
  });
});

describe('the right code in the same moment as', () => {
  // `identification.races.drill.test.ts` does it many times.
  test.each(Object.keys(endings) as EndingName[])('its end by %s: no session is left', async (name) => {
    const results = await Promise.all([0, 25].map((delayMs) => race(stack, name, delayMs)));
    expect(results.flatMap(({ wrong }) => wrong)).toEqual([]);
  });
});

describe('a message that is repeated', () => {
  test('counts once, however often it comes', async () => {
    const citizen = await activeCitizen(stack);
    const journey = await signInSubstantial(stack, citizen);
    const wrong = wrongOtp(await journey.otp());
    const enter = () => journey.enterOtp(wrong, { 'Idempotency-Key': 'one-guess' });
    const replies = await Promise.all([enter(), enter(), enter()]);
    for (const { status, body } of replies) expect([status, body.journey.otp.attemptsLeft]).toEqual([422, 2]);
    await queryAsOwner(stack, 'UPDATE "IdempotentRequest" SET "sealedAnswer" = NULL, status = 503');
    expect((await enter()).body.journey.otp.attemptsLeft).toBe(2);
    expect(await judged(citizen)).toBe(1);
  });

  test('sends one further code, however often it comes', async () => {
    const citizen = await activeCitizen(stack);
    const journey = await signInSubstantial(stack, citizen);
    await stack.db.prisma.journey.update({ where: { id: journey.id }, data: { otpResendAfter: new Date() } });
    const resend = () => journey.resend({ 'Idempotency-Key': 'one-resend' });
    const replies = await Promise.all([resend(), resend(), resend()]);
    await queryAsOwner(stack, 'UPDATE "IdempotentRequest" SET "sealedAnswer" = NULL, status = 503');
    for (const { status, body } of [...replies, await resend()])
      expect([status, body.journey.otp.sendsLeft]).toEqual([202, 1]);
    expect(await stack.db.prisma.text.count({ where: { journeyId: journey.id } })).toBe(2);
  });
});
