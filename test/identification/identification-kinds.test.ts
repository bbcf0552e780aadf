import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { enterOtp, readJourney, resend } from '../../api/citizens/journeys.ts';
import { findJourney } from '../../api/citizens/stored-journey.ts';
import type { Route } from '../../api/http/route.ts';
import { enterIdentificationOtp } from '../../api/identification/enter-identification-otp.ts';
import type { IdentificationKindRules } from '../../api/identification/identification-kinds.ts';
import { type IdentificationRow, identificationView } from '../../api/identification/identification-rows.ts';
import { openIdentification } from '../../api/identification/open-identification.ts';
import { resendIdentificationOtp } from '../../api/identification/resend-identification-otp.ts';
import { systemClock } from '../../domain/clock.ts';
import { identifications } from '../../domain/identification.ts';
import type { IdentificationKind, JourneyOutcome } from '../../domain/journeys.ts';
import { withRawTransaction } from '../../platform/database.ts';
import { otpDigits } from '../../platform/one-time-passwords.ts';
import { ResponseRandomness } from '../../platform/response-randomness.ts';
import { auditStatement } from '../../records/audit.ts';
import { recordSuspension } from '../../records/closures.ts';
import { wrongOtp } from '../actors/credentials.ts';
import { queryAsOwner } from '../database/rows.ts';
import { ActivityEnvironment } from '../environment/activity-environment.ts';
import { policyWith } from '../environment/test-policy.ts';

const kind = 'test-approval' as IdentificationKind;
const policy = policyWith();

/** A kind that no one uses: one wrong code is tolerated, another is sent without a pause, and its success opens nothing but is audited. */
const approval: IdentificationKindRules<'approved'> = {
  proof: 'password',
  step: 'otp',
  outcome: 'approved' as JourneyOutcome,
  limits: (given) => {
    const limits = identifications['sign-in'].limits(given);
    return { ...limits, otp: { ...limits.otp, tolerated: 1, resendAfter: 'PT0S' } };
  },
  succeed: ({ row: { id, citizenId }, requestId }) => ({
    statement: auditStatement({ type: 'approval-given' } as never, {
      id,
      citizenId,
      journeyId: id,
      requestId,
    }),
    opened: () => 'approved',
  }),
};

let env: ActivityEnvironment;
beforeAll(async () => {
  env = await ActivityEnvironment.open();
});
afterAll(() => env.close());
const dependencies = () => ({ db: env.db, ring: env.ring, policy, clock: systemClock });

async function citizenWithPassword() {
  const act = await env.stageAct();
  await env.citizenActivities.applyRegistration(act);
  const { citizenId } = act;
  const password = { id: randomUUID(), citizenId, hash: 'unused', keyId: 'k1' };
  const dates = { setAt: new Date(), expiresAt: new Date(Date.now() + 60_000) };
  await env.db.prisma.password.create({ data: { ...password, ...dates } });
  return { citizenId, passwordId: password.id };
}

async function open(who: { citizenId: string; passwordId: string }, rules = approval, of = kind) {
  const opening = {
    ...who,
    id: new ResponseRandomness().journeyId(),
    kind: of,
    tokenDigest: randomUUID(),
    requestId: randomUUID(),
    relyingPartyId: null,
  };
  const opened = await withRawTransaction(env.db, { text: 'SELECT 1' }, (tx) =>
    openIdentification(tx, rules, opening, dependencies()),
  );
  if (opened.kind !== 'opened') throw new Error(opened.kind);
  return opened.row;
}
const otpOf = ({ id, kind: of }: IdentificationRow, number = 1) =>
  otpDigits(env.ring, { journeyId: id, kind: of, number }, env.ring.currentKeyId);
const enter = ({ id }: IdentificationRow, otp: string) => {
  const randomness = new ResponseRandomness();
  const messageId = randomness.uuid('message');
  return enterIdentificationOtp(
    approval,
    { id, otp, messageId, requestId: randomUUID(), randomness },
    dependencies(),
  );
};
const rowOf = ({ id }: IdentificationRow) => env.db.prisma.journey.findUniqueOrThrow({ where: { id } });
const trailOf = async ({ id }: IdentificationRow) =>
  (
    await queryAsOwner<{ type: string }>(
      env,
      'SELECT type FROM "AuditEvent" WHERE "journeyId" = $1 ORDER BY at, type',
      [id],
    )
  ).map(({ type }) => type);

describe('a kind of identification that the product does not have', () => {
  test('is opened, takes codes, sends another, and does on success what its entry of the table says', async () => {
    const who = await citizenWithPassword();
    const row = await open(who);
    expect(identificationView(row, approval, policy, Date.now())).toMatchObject({
      kind,
      step: 'otp',
      otp: { attemptsLeft: 1 },
    });
    expect(await enter(row, wrongOtp(otpOf(row)))).toMatchObject({ kind: 'refused' });
    const resend = { id: row.id, phone: null, messageId: randomUUID(), requestId: randomUUID() };
    expect(await resendIdentificationOtp(approval, resend, dependencies())).toMatchObject({
      kind: 'sending',
      isNew: true,
    });
    const accepted = await enter(row, otpOf(row, 2));
    if (accepted.kind !== 'accepted') throw new Error(accepted.kind);
    expect(accepted.opened).toBe('approved');
    expect(identificationView(accepted.row, approval, policy, Date.now())).toMatchObject({
      step: 'done',
      outcome: 'approved',
    });
    expect(await rowOf(row)).toMatchObject({ outcome: 'approved', confirmedAt: expect.any(Date) });
    expect(await env.db.prisma.session.count()).toBe(0);
    expect(await trailOf(row)).toEqual([
      ...['journey-begun', 'otp-refused'],
      ...['approval-given', 'journey-finished', 'otp-accepted'],
    ]);
  });

  test('is held to limits of its own', async () => {
    const row = await open(await citizenWithPassword());
    for (const step of ['otp', 'ended']) {
      const refused = await enter(row, wrongOtp(otpOf(row)));
      if (refused.kind !== 'refused') throw new Error(refused.kind);
      expect(identificationView(refused.row, approval, policy, Date.now()).step).toBe(step);
    }
  });

  test('leaves another kind alone when it begins, and ends with it at a suspension', async () => {
    const who = await citizenWithPassword();
    const signIn = await open(who, { ...approval, ...identifications['sign-in'] }, 'sign-in');
    const rows = [signIn, await open(who), await open(who)];
    const outcomes = async () => Promise.all(rows.map(async (row) => (await rowOf(row)).outcome));
    expect(await outcomes()).toEqual([null, 'superseded', null]);
    await env.db.prisma.$transaction((tx) => recordSuspension(tx, who.citizenId, new Date()));
    expect(await outcomes()).toEqual(['blocked', 'superseded', 'blocked']);
  });

  test('is over for a release that does not know it: 410 to an entry and to a request for another code, 404 to a reader', async () => {
    const row = await open(await citizenWithPassword());
    const randomness = new ResponseRandomness();
    const caller = await findJourney(env.db, { id: row.id });
    const context = { caller, randomness, requestId: randomUUID(), body: { otp: otpOf(row) } } as never;
    const replyOf = (route: Route) => route.handle(context, dependencies() as never);
    expect(await replyOf(enterOtp)).toMatchObject({ problem: 'journey-ended' });
    expect(await replyOf(resend)).toMatchObject({ problem: 'journey-ended' });
    expect(await replyOf(readJourney)).toEqual({ problem: 'not-found' });
    expect(await rowOf(row)).toMatchObject({ outcome: null, otpWrong: 0, otpNumber: 1 });
  });
});
