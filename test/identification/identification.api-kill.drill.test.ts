import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { activeCitizen, type Citizen } from '../actors/citizen.ts';
import { wrongOtp } from '../actors/credentials.ts';
import { Journey } from '../actors/journey.ts';
import { withoutRetries } from '../actors/request.ts';
import { currentSession, signInSubstantial } from '../actors/sessions.ts';
import { lockAuditTable, lockCitizen } from '../database/row-locks.ts';
import { auditTypesOf } from '../database/rows.ts';
import { runApi } from '../environment/processes.ts';
import { type Stack, startStack } from '../environment/stack.ts';
import { until } from '../environment/waiting.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ own: true });
});
afterAll(() => stack.stop());

const wrongSoFar = async ({ citizenId }: Citizen): Promise<number | undefined> =>
  (await stack.db.prisma.otpCount.findFirst({ where: { citizenId } }))?.wrongInPeriod;
const audited = async ({ citizenId }: Citizen, type: string): Promise<number> =>
  (await auditTypesOf(stack, citizenId)).filter((each) => each === type).length;

test('an API that is killed after it counted an entry leaves nothing that the repetition does not finish', async () => {
  const api = await runApi(stack, {});
  const [owner, guesser] = [await activeCitizen(stack), await activeCitizen(stack)];
  const [right, wrong] = [await signInSubstantial(stack, owner), await signInSubstantial(stack, guesser)];
  const [otp, guess] = [await right.otp(), wrongOtp(await wrong.otp())];
  const key = { 'Idempotency-Key': 'killed' };
  const onKilled = ({ started, token }: Journey) =>
    new Journey(withoutRetries({ ...stack, url: api.url }), { body: { journey: started, token } });

  const citizenLock = await lockCitizen(stack, owner.citizenId);
  const releaseAudit = await lockAuditTable(stack);
  const cut = [onKilled(right).enterOtp(otp, key), onKilled(wrong).enterOtp(guess, key)].map((request) =>
    request.then(
      ({ status }) => `${status}`,
      () => 'cut',
    ),
  );
  // Counted and committed: the right one waits for the citizen's row, the wrong one for its row in the trail.
  await until(
    async () => [await wrongSoFar(owner), await wrongSoFar(guesser)],
    (counts) => counts.every((count) => count === 1),
  );
  await api.kill();
  await citizenLock.release();
  await releaseAudit();
  expect(await Promise.all(cut)).toEqual(['cut', 'cut']);

  const opened = await right.enterOtp(otp, key);
  expect(opened).toMatchObject({ status: 200, body: { journey: { outcome: 'signed-in' } } });
  expect((await currentSession(stack, opened.body.journey.session.token)).status).toBe(200);
  expect([await wrongSoFar(owner), await audited(owner, 'signed-in')]).toEqual([0, 1]);
  const refused = await wrong.enterOtp(guess, key);
  expect(refused).toMatchObject({ status: 422, body: { journey: { otp: { attemptsLeft: 2 } } } });
  expect([await wrongSoFar(guesser), await audited(guesser, 'otp-refused')]).toEqual([1, 1]);
});
