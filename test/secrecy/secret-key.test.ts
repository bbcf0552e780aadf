import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { activeCitizen, Citizen } from '../actors/citizen.ts';
import { goodPassword, otherPassword, wrongCode } from '../actors/credentials.ts';
import { Journey } from '../actors/journey.ts';
import { regenerateActivationCode } from '../actors/office.ts';
import { requestWithRetry } from '../actors/request.ts';
import { currentSession, newSession, signIn, signInSubstantial } from '../actors/sessions.ts';
import { queryAsOwner } from '../database/rows.ts';
import { type SecretKeys, type Stack, startStack } from '../environment/stack.ts';
import { until, untilPast } from '../environment/waiting.ts';

let stack: Stack;
/** The stack's own key, and a second one. */
let k1: SecretKeys[0];
const k2: SecretKeys[0] = { id: 'k2', bytes: randomBytes(32) };

/** The same citizen in front of another API. */
const facing = ({ url }: { url: string }, { data, citizenId, activationCode }: Citizen): Citizen => {
  const citizen = new Citizen({ ...stack, url });
  return Object.assign(citizen, { citizenId, activationCode, data: Object.assign(citizen.data, data) });
};
const at = ({ url }: { url: string }, journey: Journey): Journey =>
  new Journey({ ...stack, url }, { body: { journey: journey.started, token: journey.token } } as never);
const register = (where: { url: string }, body: unknown, key: string) =>
  requestWithRetry(where, 'POST', '/registrations', {
    body,
    token: stack.officeKey,
    headers: { 'Idempotency-Key': key },
  });
const keyOfPassword = async ({ citizenId }: Citizen) =>
  (await stack.db.prisma.password.findUniqueOrThrow({ where: { citizenId } })).keyId;

beforeAll(async () => {
  stack = await startStack({ own: true, policy: { otp: { resendAfter: 'PT1S' } } });
  k1 = stack.key;
});
afterAll(() => stack.stop(), 60_000);

describe('a change of the secret key, in the order of docs/operations.md', () => {
  test('first accepted everywhere, then first: whichever process is asked, what any of them made opens', async () => {
    const accepts = await stack.startApi(k1, k2);
    const makes = await stack.startApi(k2, k1);

    // Step 1: some processes do not have the new key yet, others accept it. All make values with the old one.
    const first = await new Citizen({ ...stack, url: accepts.url }).register();
    expect((await facing(stack, first).activateOrReset()).body.journey.outcome).toBe('activated');
    expect((await signIn(accepts, first)).status).toBe(201);

    // Step 2: some accept the new key, others make values with it.
    const second = await new Citizen({ ...stack, url: makes.url }).register();
    expect((await facing(accepts, second).activateOrReset()).body.journey.outcome).toBe('activated');
    expect((await signIn(makes, second)).status).toBe(201);
    expect(await keyOfPassword(second)).toBe('k2');
    expect((await signIn(accepts, second)).status).toBe(201);
    const texted = await signInSubstantial({ ...stack, url: makes.url }, second);
    expect((await at(accepts, texted).enterOtp(await texted.otp())).body.journey.outcome).toBe('signed-in');

    // In the wrong order, a process without the new key rejects a right code.
    const third = await new Citizen({ ...stack, url: makes.url }).register();
    expect((await facing(stack, third).tryStartActivation()).body.code).toBe('activation-data-refused');
    expect((await facing(accepts, third).tryStartActivation()).status).toBe(201);

    // One request, sent concurrently to processes with different first keys: one effect, one response.
    for (let round = 0; round < 5; round += 1) {
      const { data } = new Citizen(stack);
      const replies = await Promise.all(
        [accepts, makes, accepts, makes].map((where) => register(where, data, `both-${round}`)),
      );
      expect(new Set(replies.map(({ body }) => JSON.stringify(body))).size).toBe(1);
      expect(replies[0]?.status).toBe(201);
      const where = { nationalId: data.nationalId };
      expect(await stack.db.prisma.registrationAct.count({ where })).toBe(1);
    }
    await Promise.all([accepts.stop(), makes.stop()]);
  }, 120_000);

  test('what was made under the old key goes on under both; under the new one alone only what was renewed does', async () => {
    const unused = await new Citizen(stack).register();
    const kept = await new Citizen(stack).register();
    const active = await activeCitizen(stack);
    const away = await activeCitizen(stack);
    const session = await newSession(stack, active);
    const [entered, resent] = [await signInSubstantial(stack, active), await signInSubstantial(stack, away)];
    const enteredOtp = await entered.otp();
    const texted = await (await new Citizen(stack).register()).startActivation();
    const otp = await texted.otp();
    const again = await (await new Citizen(stack).register()).startActivation();
    const late = await (await new Citizen(stack).register()).startActivation();
    const lateOtp = await late.otp();
    const confirmed = await (await new Citizen(stack).register()).confirmedJourney();
    const { data } = new Citizen(stack);
    const registered = await register(stack, data, 'before-the-change');
    const unknown = new Citizen(stack);
    const guess = (where: { url: string }) =>
      facing(where, unknown).tryStartActivation({ activationCode: wrongCode });
    for (let wrong = 0; wrong < 5; wrong += 1) expect((await guess(stack)).status).toBe(422);

    await stack.stopWorkers();
    // One worker makes codes with the new key already, the one that sends them still has the old one first.
    await stack.startWorkers(undefined, [k2, k1], [k1, k2]);
    const both = await stack.startApi(k2, k1);
    expect((await facing(both, unused).activateOrReset()).body.journey.outcome).toBe('activated');
    expect(await keyOfPassword(unused)).toBe('k2');
    expect((await at(both, texted).enterOtp(otp)).body.journey.step).toBe('password');
    expect((await at(both, confirmed).setPassword(goodPassword)).status).toBe(200);
    expect((await at(both, entered).enterOtp(enteredOtp)).body.journey.outcome).toBe('signed-in');
    for (const journey of [resent, again].map((one) => at(both, one))) {
      await untilPast(journey.started.otp.resendAfter);
      expect((await journey.resend()).status).toBe(202);
      expect((await journey.enterOtp(await journey.otp(2))).status).toBe(200);
    }
    expect((await currentSession(both, session)).status).toBe(200);
    expect((await register(both, data, 'before-the-change')).body).toEqual(registered.body);
    expect(await keyOfPassword(active)).toBe('k1');
    expect((await signIn(both, active)).status).toBe(201);
    expect(await keyOfPassword(active)).toBe('k2');
    // Entries of a stranger are counted across the rotation, as those for a known citizen are.
    expect((await guess(both)).body.code).toBe('activation-code-blocked');
    const renewed = await new Citizen({ ...stack, url: both.url }).register();
    await both.stop();
    await stack.stopWorkers();

    await stack.startWorkers(undefined, [k2]);
    const alone = await stack.startApi(k2);
    expect((await signIn(alone, active)).status).toBe(201);
    expect((await signIn(alone, unused)).status).toBe(201);
    expect((await currentSession(alone, session)).status).toBe(200);
    expect((await facing(alone, renewed).startActivation()).started.step).toBe('otp');
    expect((await guess(alone)).body.code).toBe('activation-code-blocked');

    expect((await at(alone, late).enterOtp(lateOtp)).body.code).toBe('otp-refused');
    expect((await facing(alone, kept).tryStartActivation()).body.code).toBe('activation-data-refused');
    for (let tries = 0; tries < 7; tries += 1)
      expect((await signIn(alone, away)).body.code).toBe('sign-in-refused');
    const { failuresInARow, blockedAt } = await stack.db.prisma.password.findUniqueOrThrow({
      where: { citizenId: away.citizenId },
    });
    expect({ failuresInARow, blockedAt }).toEqual({ failuresInARow: 0, blockedAt: null });
    const reasons = await queryAsOwner(
      stack,
      `SELECT DISTINCT detail->>'reason' AS reason FROM "AuditEvent"
       WHERE "citizenId" = $1 AND type = 'sign-in-refused'`,
      [away.citizenId],
    );
    expect(reasons).toEqual([{ reason: 'key-missing' }]);

    // A new code restores access for both.
    for (const citizen of [kept, away]) {
      const { body } = await regenerateActivationCode({ ...stack, url: alone.url }, citizen);
      const there = Object.assign(facing(alone, citizen), { activationCode: body.activationCode });
      expect((await there.activateOrReset(otherPassword)).status).toBe(200);
      await until(
        async () => (await signIn(alone, citizen, otherPassword)).status,
        (status) => status === 201,
      );
    }
    await alone.stop();
  }, 180_000);
});
