import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { activeCitizen, type Citizen } from '../actors/citizen.ts';
import { goodPassword, otherPassword, wrongOtp } from '../actors/credentials.ts';
import { Journey } from '../actors/journey.ts';
import { suspend } from '../actors/office.ts';
import { blockPassword, signIn, signInSubstantial } from '../actors/sessions.ts';
import { queryAsOwner } from '../database/rows.ts';
import type { ApiInProcess } from '../environment/api-in-process.ts';
import { type Stack, startStack } from '../environment/stack.ts';

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

/** What ends an identification; each is sent together with the right code, some rounds. */
const enders: Readonly<Record<string, (citizen: Citizen) => Promise<unknown>>> = {
  'a suspension': (citizen) => suspend(stack, citizen),
  'a block': (citizen) => blockPassword(stack, citizen),
  'a registration act': (citizen) => citizen.register(),
};

describe('the right code in the same moment as', () => {
  test.each(Object.entries(enders))('%s: no session is left', async (_name, end) => {
    for (let round = 0; round < 4; round += 1) {
      const citizen = await activeCitizen(stack);
      const journey = await signInSubstantial(stack, citizen);
      const otp = await journey.otp();
      const [entered] = await Promise.all([journey.enterOtp(otp), end(citizen)]);
      expect([200, 410]).toContain(entered.status);
      expect(await sessionsOf(citizen)).toBe(0);
      expect(await openOf(citizen)).toBe(0);
    }
  });

  test('a reset: only the new password opens anything', async () => {
    for (let round = 0; round < 3; round += 1) {
      const citizen = await activeCitizen(stack);
      const reset = await citizen.confirmedJourney();
      const journey = await signInSubstantial(stack, citizen);
      const otp = await journey.otp();
      const [entered, set] = await Promise.all([journey.enterOtp(otp), reset.setPassword(otherPassword)]);
      expect(set.status).toBe(200);
      expect([200, 410]).toContain(entered.status);
      expect(await sessionsOf(citizen)).toBe(0);
    }
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
});
