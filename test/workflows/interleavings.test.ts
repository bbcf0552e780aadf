import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Resident } from '../actors/citizen-driver.ts';
import { Refused } from '../actors/workflow-context.ts';
import { type Clockwork, startClockwork } from '../environment/time-skipping-environment.ts';

const second = 1_000;

let clockwork: Clockwork;
beforeAll(async () => {
  clockwork = await startClockwork();
});
afterAll(() => clockwork.stop());

const registered = async (): Promise<Resident> => {
  const resident = new Resident(clockwork.town);
  await resident.register();
  return resident;
};

/** What a message came to, in one word or a word and the journey's outcome. */
const reply = (sent: Promise<{ kind: string }>): Promise<string> =>
  sent.then(
    ({ kind }) => kind,
    (error: unknown) => {
      if (error instanceof Refused) return error.type;
      throw error;
    },
  );

/**
 * Messages that reach a workflow at once, in this order: a wrong code keeps it busy with its audit row while they
 * arrive. Returns what each came to.
 */
async function atOnce(
  resident: Resident,
  ...messages: (() => Promise<{ kind: string }>)[]
): Promise<string[]> {
  const trail = await clockwork.holdAuditTrail();
  const busy = resident.enterCode('wrong');
  await trail.untilWaitedFor();
  const replies: Promise<string>[] = [];
  for (const message of messages) {
    replies.push(reply(message()));
    await sleep(40);
  }
  await trail.release();
  await busy;
  return Promise.all(replies);
}

/** At the step of the SMS code, with a further one allowed. */
const awaitingOtp = async () => {
  const resident = await registered();
  await resident.enterCode();
  const otp = await resident.otp();
  await clockwork.pass(31 * second);
  return { resident, otp, firstVisit: resident.visitId };
};

const awaitingPassword = async () => {
  const { resident, otp, firstVisit } = await awaitingOtp();
  await resident.enterOtp(otp);
  return { resident, firstVisit };
};

const outcomeOf = async (resident: Resident, visitId: string) => {
  await clockwork.pass(second);
  return (await resident.row(visitId)).outcome;
};

const passwordsOf = ({ citizenId }: Resident) => clockwork.db.prisma.password.count({ where: { citizenId } });

describe('messages in the same moment', () => {
  test('a further SMS code and the entry of the one before: the entry counts, the further one costs nothing', async () => {
    const { resident, otp } = await awaitingOtp();
    expect(
      await atOnce(
        resident,
        () => resident.resend(),
        () => resident.enterOtp(otp),
      ),
    ).toEqual(['WrongStep', 'accepted']);
    await clockwork.pass(second);
    const further = { id: `${resident.visitId}/2` };
    expect(await clockwork.db.prisma.text.findUnique({ where: further })).toMatchObject({
      delivery: 'failed',
      failure: 'not-needed',
    });
    const { allowance } = await clockwork.db.prisma.text.findUniqueOrThrow({
      where: { id: `${resident.visitId}/1` },
    });
    expect(
      await clockwork.db.prisma.textAllowance.findUnique({ where: { key: allowance ?? '' } }),
    ).toMatchObject({ used: 1 });
    expect(await reply(resident.choosePassword())).toBe('accepted');
  });

  test('two requests for a further SMS code: one is sent', async () => {
    const { resident } = await awaitingOtp();
    const replies = await atOnce(
      resident,
      () => resident.resend(),
      () => resident.resend(),
    );
    expect(replies).toEqual(['sending', 'TooMany']);
    expect(await resident.view()).toMatchObject({ otp: { sendsLeft: 1 } });
  });

  test('a registration act and the code that it voids: the code opens nothing', async () => {
    const { resident, firstVisit } = await awaitingOtp();
    const earlier = resident.code;
    await resident.stageAct();
    expect(
      await atOnce(
        resident,
        () => resident.register({}, { again: true }),
        () => resident.enterCode(earlier),
      ),
    ).toEqual(['registered', 'wrong']);
    expect(await outcomeOf(resident, firstVisit)).toBe('superseded');
    expect(await clockwork.db.prisma.journey.count({ where: { citizenId: resident.citizenId } })).toBe(1);
    expect(await reply(resident.enterCode())).toBe('accepted');
  });

  test('a code and the registration act that voids it: its visit ends before anybody has used it', async () => {
    const { resident } = await awaitingOtp();
    const earlier = resident.code;
    await resident.stageAct();
    expect(
      await atOnce(
        resident,
        () => resident.enterCode(earlier),
        () => resident.register({}, { again: true }),
      ),
    ).toEqual(['accepted', 'registered']);
    expect(await outcomeOf(resident, resident.visitId)).toBe('superseded');
  });

  test.each(['password', 'act'])(
    'a password and a registration act, the %s first: all of the one or all of the other',
    async (first) => {
      const { resident, firstVisit } = await awaitingPassword();
      await resident.stageAct();
      const choose = () => resident.choosePassword();
      const act = () => resident.register({}, { again: true });
      const replies = await atOnce(resident, ...(first === 'password' ? [choose, act] : [act, choose]));
      expect(replies).toContain('registered');
      const isSaved = replies.includes('accepted');
      expect(await outcomeOf(resident, firstVisit)).toBe(isSaved ? 'activated' : 'superseded');
      expect(await passwordsOf(resident)).toBe(isSaved ? 1 : 0);
      expect(await resident.standing()).toMatchObject({ status: isSaved ? 'active' : 'registered' });
    },
  );

  test('a new activation code and the right SMS code: the visit is over, and the right entry opens nothing', async () => {
    const { resident, otp, firstVisit } = await awaitingOtp();
    const replies = await atOnce(
      resident,
      () => resident.regenerate(),
      () => resident.enterOtp(otp),
    );
    expect(replies[0]).toBe('regenerated');
    expect(await outcomeOf(resident, firstVisit)).toBe('superseded');
    expect(await reply(resident.choosePassword())).toMatch(/JourneyOver|NoSuchVisit/);
    expect(await passwordsOf(resident)).toBe(0);
  });

  test('four passwords: one is in force, the others are told that the step is another', async () => {
    const { resident } = await awaitingPassword();
    const replies = await atOnce(
      resident,
      ...Array.from({ length: 4 }, () => () => resident.choosePassword()),
    );
    expect(replies).toEqual([
      'accepted',
      ...Array(3).fill(expect.stringMatching(/WrongStep|JourneyOver|NoSuchVisit/)),
    ]);
    expect(await passwordsOf(resident)).toBe(1);
  });

  test('eight right activation codes leave one visit that can finish', async () => {
    const { resident } = await awaitingOtp();
    const visits = Array.from({ length: 8 }, () => randomUUID());
    const replies = await atOnce(
      resident,
      ...visits.map(
        (visitId) => () => resident.enterCode(resident.code, { visitId, patienceMs: 60 * second }),
      ),
    );
    expect(replies).toEqual(Array(8).fill('accepted'));
    await clockwork.pass(second);
    const ofResident = { citizenId: resident.citizenId, finishedAt: null };
    const open = await clockwork.db.prisma.journey.findMany({ where: ofResident });
    expect(open).toHaveLength(1);
    expect(await resident.view(open[0]?.id)).toMatchObject({ step: 'otp', outcome: null });
  });

  test('fifty wrong codes at once are five refusals, and the rest blocks', async () => {
    const resident = await registered();
    const replies = await Promise.all(
      Array.from({ length: 50 }, () => reply(resident.enterCode('wrong', { patienceMs: 60 * second }))),
    );
    expect(replies.filter((kind) => kind === 'wrong')).toHaveLength(5);
    expect(replies.filter((kind) => kind === 'blocked' || kind === 'CodeBlocked')).toHaveLength(45);
    expect(await reply(resident.enterCode())).toBe('CodeBlocked');
  }, 30_000);

  test('a right sixth entry opens, and sets the count back', async () => {
    const resident = await registered();
    for (let entry = 1; entry <= 5; entry += 1)
      expect(await resident.enterCode('wrong')).toEqual({ kind: 'wrong' });
    expect(await reply(resident.enterCode())).toBe('accepted');
    for (let entry = 1; entry <= 5; entry += 1)
      expect(await resident.enterCode('wrong')).toEqual({ kind: 'wrong' });
    expect(await resident.enterCode('wrong')).toEqual({ kind: 'blocked' });
    expect(await resident.standing()).toMatchObject({ blocked: ['code'] });
  });
});

describe('an act or a code that is asked for again after a later one', () => {
  test('gets the answer that it had, and brings no void code back', async () => {
    const resident = await registered();
    const first = { actId: resident.actId, code: resident.code, codeId: resident.codeId };
    await resident.regenerate();
    const second = { actId: '', code: resident.code, codeId: resident.codeId };
    Object.assign(resident, first);
    expect(await resident.register({}, { again: true, updateId: randomUUID() })).toMatchObject({
      kind: 'registered',
    });
    expect(await resident.enterCode(first.code)).toEqual({ kind: 'wrong' });
    await resident.register();
    const { code } = resident;

    Object.assign(resident, first);
    expect(await resident.register({}, { again: true, updateId: randomUUID() })).toMatchObject({
      kind: 'registered',
    });
    Object.assign(resident, second);
    expect(await resident.regenerate({ again: true, updateId: randomUUID() })).toMatchObject({
      kind: 'regenerated',
    });
    for (const dead of [first.code, second.code])
      expect(await resident.enterCode(dead)).toEqual({ kind: 'wrong' });
    expect(await reply(resident.enterCode(code))).toBe('accepted');
  });
});
