import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pLimit from 'p-limit';
import { citizenWorkflowId } from '../../platform/temporal.ts';
import { call, Person, persistently, type Reply, wrongCode } from '../actors/front-end.ts';
import { type Stack, startStack } from '../environment/stack.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());

const enterWrong = (person: Person) => person.start({ activationCode: wrongCode });

/** One after the other. */
async function enterWrongTimes(person: Person, times: number): Promise<string[]> {
  const codes: string[] = [];
  for (let time = 0; time < times; time += 1) codes.push((await enterWrong(person)).body.code);
  return codes;
}

const regenerate = ({ data: { nationalId } }: Person): Promise<Reply> =>
  call(stack, 'POST', '/activation-codes', { body: { nationalId }, token: stack.officeKey });

const historyLength = async ({ citizenId }: Person): Promise<number> =>
  (await stack.client.workflow.getHandle(citizenWorkflowId(citizenId)).describe()).historyLength;

const refused = 'activation-data-refused';
const blocked = 'activation-code-blocked';
const times = (number: number, code: string): string[] => Array.from({ length: number }, () => code);

describe('an activation code entered wrongly', () => {
  test('is refused five times of fifty at once, then blocked, also for who has the right one', async () => {
    const person = await new Person(stack).register();
    const replies = await Promise.all(
      Array.from({ length: 50 }, () =>
        persistently((headers) => person.start({ activationCode: wrongCode }, headers)),
      ),
    );
    const codes = replies.map(({ status, body }) => `${status} ${body.code}`).sort();
    expect(codes).toEqual([...times(5, `422 ${refused}`), ...times(45, `423 ${blocked}`)]);

    expect(await person.start()).toMatchObject({ status: 423, body: { code: blocked } });
    expect((await person.lookUp()).body).toMatchObject({ status: 'registered', blocked: ['code'] });
    expect(await regenerate(person)).toMatchObject({
      status: 409,
      body: { code: 'registration-act-needed' },
    });
    expect(await person.start()).toMatchObject({ status: 423 });
    expect(await stack.db.prisma.journey.count({ where: { citizenId: person.citizenId } })).toBe(0);
    expect(person.codes()).toEqual([]);
  });

  test('is unblocked by a new registration act at once, which voids the old code', async () => {
    const person = await new Person(stack).register();
    await enterWrongTimes(person, 6);
    const old = person.activationCode;
    await person.register();
    expect(person.activationCode).not.toBe(old);
    expect(await person.start({ activationCode: old })).toMatchObject({
      status: 422,
      body: { code: refused },
    });
    expect(await person.start()).toMatchObject({ status: 201, body: { journey: { step: 'otp' } } });
    expect((await person.lookUp()).body.blocked).toEqual([]);
  });

  test('costs a blocked citizen nothing, thousands of times, and a new act helps as before', async () => {
    const person = await new Person(stack).register();
    await enterWrongTimes(person, 6);
    const before = await historyLength(person);
    // One run of a workflow takes 2,000 updates, then Temporal ends it: entries that counted as such would kill it.
    const flood = 2_100;
    const inTurn = pLimit(60);
    const replies = await Promise.all(Array.from({ length: flood }, () => inTurn(() => enterWrong(person))));
    const statuses = new Set(replies.map(({ status }) => status));
    // On a busy machine some wait too long: they are told so, and count as little.
    statuses.delete(503);
    expect(statuses).toEqual(new Set([423]));
    expect((await historyLength(person)) - before).toBeLessThan(10);

    const actedAt = performance.now();
    await person.register();
    expect((await person.start()).status).toBe(201);
    // A moment; bounded far above it, since other tests share the processor.
    expect(performance.now() - actedAt).toBeLessThan(3_000);
  }, 180_000);

  test('opens if the sixth entry is right, and the count starts anew', async () => {
    const person = await new Person(stack).register();
    expect(await enterWrongTimes(person, 5)).toEqual(times(5, refused));
    expect((await person.start()).status).toBe(201);
    expect(await enterWrongTimes(person, 5)).toEqual(times(5, refused));
    expect((await person.start()).status).toBe(201);
    expect(await enterWrongTimes(person, 6)).toEqual([...times(5, refused), blocked]);
  });

  test('is not counted if the email is wrong too: who knows only a national id blocks nobody', async () => {
    const person = await new Person(stack).register();
    for (let entry = 0; entry < 10; entry += 1)
      await person.start({ email: 'somebody.else@example.org', activationCode: wrongCode });
    expect(await enterWrongTimes(person, 5)).toEqual(times(5, refused));
    expect((await person.start({ email: person.data.email.toUpperCase() })).status).toBe(201);
  });
});

describe('a regenerated activation code', () => {
  test('voids the old one and keeps the password and all the rest', async () => {
    const person = await new Person(stack).register();
    await person.setPassword();
    const { prisma } = stack.db;
    const { citizenId } = person;
    const kept = async () => [
      await prisma.password.findUnique({ where: { citizenId } }),
      await prisma.citizen.findUnique({ where: { id: citizenId }, omit: { codeId: true } }),
    ];
    const before = await kept();

    const { status, body } = await regenerate(person);
    expect(status).toBe(201);
    expect(Date.parse(body.issuedAt)).not.toBeNaN();
    expect(await person.start()).toMatchObject({ status: 422, body: { code: refused } });
    expect(await person.start({ activationCode: body.activationCode })).toMatchObject({
      status: 201,
      body: { journey: { kind: 'password-reset' } },
    });
    expect(await kept()).toEqual(before);
    expect((await person.lookUp()).body).toMatchObject({ status: 'active', blocked: [] });
  });

  test('ends the visits that the old one began', async () => {
    const person = await new Person(stack).register();
    const visit = await person.visit();
    await regenerate(person);
    expect(await visit.enterOtp(await visit.otp())).toMatchObject({
      status: 410,
      body: { code: 'journey-ended', journey: { step: 'ended', outcome: 'superseded' } },
    });
  });

  test('is given to nobody who is not registered', async () => {
    expect(await regenerate(new Person(stack))).toMatchObject({
      status: 404,
      body: { code: 'not-registered' },
    });
  });
});
