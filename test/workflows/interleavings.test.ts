import { randomUUID } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { CitizenDriver } from '../actors/citizen-driver.ts';
import { Refused, type SendOptions, untilAdmitted } from '../actors/workflow-context.ts';
import { useTimeSkippingEnvironment } from '../environment/time-skipping-environment.ts';

const second = 1_000;

const env = await useTimeSkippingEnvironment();

const registered = () => CitizenDriver.registered(env.context);

/** The reply to a message: the kind of its outcome, or the type of its rejection. */
const reply = (sent: Promise<{ kind: string }>): Promise<string> =>
  sent.then(
    ({ kind }) => kind,
    (error: unknown) => {
      if (error instanceof Refused) return error.type;
      throw error;
    },
  );

/**
 * Sends messages that the workflow receives at once, in this order: a wrong code keeps it busy with its audit row while
 * the server admits one after the other. Returns the outcome of each.
 */
async function atOnce(
  driver: CitizenDriver,
  ...messages: ((options: SendOptions) => Promise<{ kind: string }>)[]
): Promise<string[]> {
  const trail = await env.holdAuditTrail();
  const busy = driver.enterCode('wrong');
  await trail.untilWaitedFor();
  const replies: Promise<string>[] = [];
  for (const message of messages) {
    const updateId = randomUUID();
    replies.push(reply(message({ updateId, patienceMs: 60 * second })));
    await untilAdmitted(env.context, driver.citizenId, updateId);
  }
  await trail.release();
  await busy;
  return Promise.all(replies);
}

/** At the step of the SMS code, with a further one allowed. */
const awaitingOtp = async () => {
  const driver = await registered();
  await driver.enterCode();
  const otp = await driver.otp();
  await env.advance(31 * second);
  return { driver, otp, firstJourney: driver.journeyId };
};

const awaitingPassword = async () => {
  const { driver, otp, firstJourney } = await awaitingOtp();
  await driver.enterOtp(otp);
  return { driver, firstJourney };
};

const outcomeOf = async (driver: CitizenDriver, journeyId: string) => {
  await env.advance(second);
  return (await driver.row(journeyId)).outcome;
};

const passwordsOf = ({ citizenId }: CitizenDriver) => env.db.prisma.password.count({ where: { citizenId } });

describe('messages in the same moment', () => {
  test('a further SMS code and the entry of the one before: the entry counts, the further one costs nothing', async () => {
    const { driver, otp } = await awaitingOtp();
    expect(
      await atOnce(
        driver,
        (options) => driver.resend(options),
        (options) => driver.enterOtp(otp, options),
      ),
    ).toEqual(['WrongStep', 'accepted']);
    await env.advance(second);
    const further = { id: `${driver.journeyId}/2` };
    expect(await env.db.prisma.text.findUnique({ where: further })).toMatchObject({
      delivery: 'failed',
      failure: 'not-needed',
    });
    const { allowance } = await env.db.prisma.text.findUniqueOrThrow({
      where: { id: `${driver.journeyId}/1` },
    });
    expect(await env.db.prisma.textAllowance.findUnique({ where: { key: allowance ?? '' } })).toMatchObject({
      used: 1,
    });
    expect(await reply(driver.setPassword())).toBe('accepted');
  });

  test('two requests for a further SMS code: one is sent', async () => {
    const { driver } = await awaitingOtp();
    const replies = await atOnce(
      driver,
      (options) => driver.resend(options),
      (options) => driver.resend(options),
    );
    expect(replies).toEqual(['sending', 'TooMany']);
    expect(await driver.view()).toMatchObject({ otp: { sendsLeft: 1 } });
  });

  test('a registration act and the code that it voids: the code opens nothing', async () => {
    const { driver, firstJourney } = await awaitingOtp();
    const earlier = driver.code;
    await driver.stageAct();
    expect(
      await atOnce(
        driver,
        (options) => driver.register({}, { ...options, again: true }),
        (options) => driver.enterCode(earlier, options),
      ),
    ).toEqual(['registered', 'wrong']);
    expect(await outcomeOf(driver, firstJourney)).toBe('superseded');
    expect(await env.db.prisma.journey.count({ where: { citizenId: driver.citizenId } })).toBe(1);
    expect(await reply(driver.enterCode())).toBe('accepted');
  });

  test('a code and the registration act that voids it: its journey ends before it is used', async () => {
    const { driver } = await awaitingOtp();
    const earlier = driver.code;
    await driver.stageAct();
    expect(
      await atOnce(
        driver,
        (options) => driver.enterCode(earlier, options),
        (options) => driver.register({}, { ...options, again: true }),
      ),
    ).toEqual(['accepted', 'registered']);
    expect(await outcomeOf(driver, driver.journeyId)).toBe('superseded');
  });

  test.each(['password', 'act'])(
    'a password and a registration act, the %s first: all of the one or all of the other',
    async (first) => {
      const { driver, firstJourney } = await awaitingPassword();
      await driver.stageAct();
      const choose = (options: SendOptions) => driver.setPassword(options);
      const act = (options: SendOptions) => driver.register({}, { ...options, again: true });
      const replies = await atOnce(driver, ...(first === 'password' ? [choose, act] : [act, choose]));
      expect(replies).toContain('registered');
      const isSaved = replies.includes('accepted');
      expect(await outcomeOf(driver, firstJourney)).toBe(isSaved ? 'activated' : 'superseded');
      expect(await passwordsOf(driver)).toBe(isSaved ? 1 : 0);
      expect(await driver.status()).toMatchObject({ status: isSaved ? 'active' : 'registered' });
    },
  );

  test('a new activation code and the right SMS code: the journey is over, and the right entry opens nothing', async () => {
    const { driver, otp, firstJourney } = await awaitingOtp();
    const replies = await atOnce(
      driver,
      (options) => driver.regenerate(options),
      (options) => driver.enterOtp(otp, options),
    );
    expect(replies[0]).toBe('regenerated');
    expect(await outcomeOf(driver, firstJourney)).toBe('superseded');
    expect(await reply(driver.setPassword())).toMatch(/JourneyOver|NoSuchJourney/);
    expect(await passwordsOf(driver)).toBe(0);
  });

  test('four passwords: one is in force, the others are told that the step is another', async () => {
    const { driver } = await awaitingPassword();
    const replies = await atOnce(
      driver,
      ...Array.from({ length: 4 }, () => (options: SendOptions) => driver.setPassword(options)),
    );
    expect(replies).toEqual([
      'accepted',
      ...Array(3).fill(expect.stringMatching(/WrongStep|JourneyOver|NoSuchJourney/)),
    ]);
    expect(await passwordsOf(driver)).toBe(1);
  });

  test('eight right activation codes leave one journey that can finish', async () => {
    const { driver } = await awaitingOtp();
    const journeys = Array.from({ length: 8 }, () => randomUUID());
    const replies = await atOnce(
      driver,
      ...journeys.map(
        (journeyId) => (options: SendOptions) => driver.enterCode(driver.code, { ...options, journeyId }),
      ),
    );
    expect(replies).toEqual(Array(8).fill('accepted'));
    await env.advance(second);
    const openJourneys = { citizenId: driver.citizenId, finishedAt: null };
    const open = await env.db.prisma.journey.findMany({ where: openJourneys });
    expect(open).toHaveLength(1);
    expect(await driver.view(open[0]?.id)).toMatchObject({ step: 'otp', outcome: null });
  });

  test('fifty wrong codes at once are five refusals, and the rest blocks', async () => {
    const driver = await registered();
    const replies = await Promise.all(
      Array.from({ length: 50 }, () => reply(driver.enterCode('wrong', { patienceMs: 60 * second }))),
    );
    expect(replies.filter((kind) => kind === 'wrong')).toHaveLength(5);
    expect(replies.filter((kind) => kind === 'blocked' || kind === 'CodeBlocked')).toHaveLength(45);
    expect(await reply(driver.enterCode())).toBe('CodeBlocked');
  });

  test('a right sixth entry opens, and sets the count back', async () => {
    const driver = await registered();
    for (let entry = 1; entry <= 5; entry += 1)
      expect(await driver.enterCode('wrong')).toEqual({ kind: 'wrong' });
    expect(await reply(driver.enterCode())).toBe('accepted');
    for (let entry = 1; entry <= 5; entry += 1)
      expect(await driver.enterCode('wrong')).toEqual({ kind: 'wrong' });
    expect(await driver.enterCode('wrong')).toEqual({ kind: 'blocked' });
    expect(await driver.status()).toMatchObject({ blocked: ['code'] });
  });
});

describe('an act or a code that is asked for again after a later one', () => {
  test('gets the answer that it had, and brings no void code back', async () => {
    const driver = await registered();
    const first = { actId: driver.actId, code: driver.code, codeId: driver.codeId };
    await driver.regenerate();
    const second = { actId: '', code: driver.code, codeId: driver.codeId };
    Object.assign(driver, first);
    expect(await driver.register({}, { again: true, updateId: randomUUID() })).toMatchObject({
      kind: 'registered',
    });
    expect(await driver.enterCode(first.code)).toEqual({ kind: 'wrong' });
    await driver.register();
    const { code } = driver;

    Object.assign(driver, first);
    expect(await driver.register({}, { again: true, updateId: randomUUID() })).toMatchObject({
      kind: 'registered',
    });
    Object.assign(driver, second);
    expect(await driver.regenerate({ again: true, updateId: randomUUID() })).toMatchObject({
      kind: 'regenerated',
    });
    for (const dead of [first.code, second.code])
      expect(await driver.enterCode(dead)).toEqual({ kind: 'wrong' });
    expect(await reply(driver.enterCode(code))).toBe('accepted');
  });
});
