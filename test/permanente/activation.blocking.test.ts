import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pLimit from 'p-limit';
import { citizenWorkflowId } from '../../platform/temporal.ts';
import { Citizen } from '../actors/citizen.ts';
import { wrongCode } from '../actors/credentials.ts';
import { lookUp } from '../actors/office.ts';
import { requestWithRetry, unlessCut } from '../actors/request.ts';
import type { HttpReply } from '../environment/http.ts';
import { type Stack, startStack } from '../environment/stack.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());

const enterWrong = (citizen: Citizen) => citizen.tryStartActivation({ activationCode: wrongCode });

/** One after the other. */
async function enterWrongTimes(citizen: Citizen, times: number): Promise<string[]> {
  const codes: string[] = [];
  for (let time = 0; time < times; time += 1) codes.push((await enterWrong(citizen)).body.code);
  return codes;
}

const regenerate = ({ data: { nationalId } }: Citizen): Promise<HttpReply> =>
  requestWithRetry(stack, 'POST', '/activation-codes', { body: { nationalId }, token: stack.officeKey });

const historyLength = async ({ citizenId }: Citizen): Promise<number> =>
  (await stack.client.workflow.getHandle(citizenWorkflowId(citizenId)).describe()).historyLength;

const refused = 'activation-data-refused';
const blocked = 'activation-code-blocked';
const times = (number: number, code: string): string[] => Array.from({ length: number }, () => code);

describe('an activation code entered wrongly', () => {
  test('is refused five times of fifty at once, then blocked, also for a caller with the right one', async () => {
    const citizen = await new Citizen(stack).register();
    const replies = await Promise.all(Array.from({ length: 50 }, () => enterWrong(citizen)));
    const codes = replies.map(({ status, body }) => `${status} ${body.code}`).sort();
    expect(codes).toEqual([...times(5, `422 ${refused}`), ...times(45, `423 ${blocked}`)]);

    expect(await citizen.tryStartActivation()).toMatchObject({ status: 423, body: { code: blocked } });
    expect((await lookUp(stack, citizen)).body).toMatchObject({ status: 'registered', blocked: ['code'] });
    expect(await regenerate(citizen)).toMatchObject({
      status: 409,
      body: { code: 'registration-act-needed' },
    });
    expect(await citizen.tryStartActivation()).toMatchObject({ status: 423 });
    expect(await stack.db.prisma.journey.count({ where: { citizenId: citizen.citizenId } })).toBe(0);
    expect(citizen.otps()).toEqual([]);
  });

  test('is unblocked by a new registration act at once, which voids the old code', async () => {
    const citizen = await new Citizen(stack).register();
    await enterWrongTimes(citizen, 6);
    const old = citizen.activationCode;
    await citizen.register();
    expect(citizen.activationCode).not.toBe(old);
    expect(await citizen.tryStartActivation({ activationCode: old })).toMatchObject({
      status: 422,
      body: { code: refused },
    });
    expect(await citizen.tryStartActivation()).toMatchObject({
      status: 201,
      body: { journey: { step: 'otp' } },
    });
    expect((await lookUp(stack, citizen)).body.blocked).toEqual([]);
  });

  test('costs a blocked citizen nothing, hundreds of times, and a new act helps as before', async () => {
    const citizen = await new Citizen(stack).register();
    await enterWrongTimes(citizen, 6);
    const before = await historyLength(citizen);
    // `npm run test:drills` sends more than the 2,000 after which Temporal would end the run if they were accepted.
    const flood = 200;
    const enqueue = pLimit(60);
    const flooding = citizen.withoutRetries();
    const replies = await Promise.all(
      Array.from({ length: flood }, () => enqueue(() => unlessCut(enterWrong(flooding)))),
    );
    const statuses = new Set(replies.flatMap((reply) => reply?.status ?? []));
    // A busy machine answers some with 503 or cuts them; sent without retries, they count as little.
    statuses.delete(503);
    expect(statuses).toEqual(new Set([423]));
    expect((await historyLength(citizen)) - before).toBeLessThan(10);

    await citizen.register();
    expect((await citizen.tryStartActivation()).status).toBe(201);
  });

  test('opens if the sixth entry is right, and the count starts anew', async () => {
    const citizen = await new Citizen(stack).register();
    expect(await enterWrongTimes(citizen, 5)).toEqual(times(5, refused));
    expect((await citizen.tryStartActivation()).status).toBe(201);
    expect(await enterWrongTimes(citizen, 5)).toEqual(times(5, refused));
    expect((await citizen.tryStartActivation()).status).toBe(201);
    expect(await enterWrongTimes(citizen, 6)).toEqual([...times(5, refused), blocked]);
  });

  test('is not counted if the email is wrong too: knowing a national id is not enough to block its citizen', async () => {
    const citizen = await new Citizen(stack).register();
    for (let entry = 0; entry < 10; entry += 1)
      await citizen.tryStartActivation({ email: 'somebody.else@example.org', activationCode: wrongCode });
    expect(await enterWrongTimes(citizen, 5)).toEqual(times(5, refused));
    expect((await citizen.tryStartActivation({ email: citizen.data.email.toUpperCase() })).status).toBe(201);
  });
});

describe('a regenerated activation code', () => {
  test('voids the old one and keeps the password and all the rest', async () => {
    const citizen = await new Citizen(stack).register();
    await citizen.activateOrReset();
    const { prisma } = stack.db;
    const { citizenId } = citizen;
    const kept = async () => [
      await prisma.password.findUnique({ where: { citizenId } }),
      await prisma.citizen.findUnique({ where: { id: citizenId }, omit: { codeId: true } }),
    ];
    const before = await kept();

    const { status, body } = await regenerate(citizen);
    expect(status).toBe(201);
    expect(Date.parse(body.issuedAt)).not.toBeNaN();
    expect(await citizen.tryStartActivation()).toMatchObject({ status: 422, body: { code: refused } });
    expect(await citizen.tryStartActivation({ activationCode: body.activationCode })).toMatchObject({
      status: 201,
      body: { journey: { kind: 'password-reset' } },
    });
    expect(await kept()).toEqual(before);
    expect((await lookUp(stack, citizen)).body).toMatchObject({ status: 'active', blocked: [] });
  });

  test('ends the journeys that the old one started', async () => {
    const citizen = await new Citizen(stack).register();
    const journey = await citizen.startActivation();
    await regenerate(citizen);
    expect(await journey.enterOtp(await journey.otp())).toMatchObject({
      status: 410,
      body: { code: 'journey-ended', journey: { step: 'ended', outcome: 'superseded' } },
    });
  });

  test('is issued to registered citizens only', async () => {
    expect(await regenerate(new Citizen(stack))).toMatchObject({
      status: 404,
      body: { code: 'not-registered' },
    });
  });
});
