import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import proto from '@temporalio/proto';
import type { Fault } from '../../local/phone/faults.ts';
import { citizenWorkflowId } from '../../platform/temporal.ts';
import { Person, type Visit } from '../actors/front-end.ts';
import { queryAsOwner } from '../database/rows.ts';
import { type Stack, startStack } from '../environment/stack.ts';
import { until, untilPast } from '../environment/waiting.ts';

let stack: Stack;
const logged: string[] = [];
beforeAll(async () => {
  stack = await startStack({
    policy: { otp: { resendAfter: 'PT1.5S' }, textsPerPhone: { tries: 2 } },
    logTo: { write: (line) => void logged.push(line) },
  });
});
afterAll(() => stack.stop());

/** What a provider says, and a library passes on: the number of the phone, in words. */
const words = 'The canary number +34698173254 cannot be reached';

/** A registered person whose welcome has arrived: what fails from now on is a code. */
async function somebody(): Promise<Person> {
  const person = await new Person(stack).register();
  await until(
    () => stack.db.prisma.text.count({ where: { citizenId: person.citizenId, delivery: 'delivered' } }),
    (welcome) => welcome === 1,
  );
  return person;
}

async function visitWith(person: Person, ...faults: Fault[]): Promise<Visit> {
  for (const fault of faults) stack.phone.fail({ to: person.data.phone, message: words, ...fault });
  return person.visit();
}

const otpOf = async (visit: Visit) => (await visit.read()).body.journey.otp;
type Otp = { delivery: string; sendsLeft: number; attemptsLeft: number };
const untilOtp = (visit: Visit, isIt: (otp: Otp) => boolean) => until<Otp>(() => otpOf(visit), isIt, 30_000);
const untilDelivery = (visit: Visit, told: string) => untilOtp(visit, ({ delivery }) => delivery === told);
const rowOf = (visit: Visit, number = 1) =>
  stack.db.prisma.text.findUniqueOrThrow({ where: { id: `${visit.id}/${number}` } });
const trailOf = (visit: Visit) =>
  queryAsOwner<{ type: string; detail: unknown }>(
    stack,
    `SELECT type, detail FROM "AuditEvent" WHERE "journeyId" = $1 AND type <> 'journey-begun' ORDER BY at`,
    [visit.id],
  );

/** The provider is back: another code comes, the first is never sent, and the journey goes on. */
async function leadsOn(visit: Visit, sendsLeft: number): Promise<void> {
  await untilPast((await otpOf(visit)).resendAfter);
  expect(await visit.resend()).toMatchObject({ status: 202, body: { journey: { otp: { sendsLeft } } } });
  const otp = await visit.otp(2);
  await untilDelivery(visit, 'delivered');
  expect(await visit.enterOtp(otp)).toMatchObject({ status: 200, body: { journey: { step: 'password' } } });
}

/** Nothing that the provider or its library said is in the citizen's histories, in answers or in the log. */
async function nothingSaid({ citizenId }: Person, visit: Visit): Promise<void> {
  const runs: string[] = [];
  const workflowId = citizenWorkflowId(citizenId);
  for await (const { runId } of stack.client.workflow.list({ query: `WorkflowId="${workflowId}"` })) {
    const history = await stack.client.workflow.getHandle(workflowId, runId).fetchHistory();
    runs.push(asText(history));
  }
  expect(runs.join('')).toContain('sendOtp');
  const texts = await stack.db.prisma.text.findMany({ where: { citizenId } });
  const said = [...runs, ...logged, JSON.stringify([await visit.read(), texts, await trailOf(visit)])].join(
    '',
  );
  // Ours are codes; the words of the SDK, of axios and of Node are none.
  for (const foreign of [
    'canary',
    '698173254',
    'socket hang up',
    'timeout of',
    'ECONN',
    'Axios',
    'RestException',
  ])
    expect(said).not.toContain(foreign);
}

const asText = (history: object): string =>
  JSON.stringify(
    proto.temporal.api.history.v1.History.toObject(
      proto.temporal.api.history.v1.History.fromObject(history as never) as never,
      { bytes: Array, longs: String },
    ),
    (_key, value) =>
      Array.isArray(value) && value.length > 0 && value.every((byte) => typeof byte === 'number')
        ? Buffer.from(value).toString()
        : value,
  );

/** Why a code is not taken, how the provider behaves, and what is written down. */
const refusals: readonly [string, Fault, { failure: string; attempts: number }][] = [
  [
    'its recipient has unsubscribed',
    { status: 400, code: 21_610 },
    { failure: 'provider-21610', attempts: 1 },
  ],
  ['its number is none', { status: 400, code: 21_211 }, { failure: 'provider-21211', attempts: 1 }],
  ['its region is not allowed', { status: 400, code: 21_408 }, { failure: 'provider-21408', attempts: 1 }],
  ['the provider is out of order', { status: 503, times: 3 }, { failure: 'status-503', attempts: 3 }],
  ['there are too many at once', { status: 429, times: 3 }, { failure: 'status-429', attempts: 3 }],
  ['our token is no longer good', { status: 401, times: 3 }, { failure: 'status-401', attempts: 3 }],
  ['it hangs up', { die: true, times: 3 }, { failure: 'no-answer', attempts: 3 }],
  ['it keeps silent', { delayMs: 6_000, die: true, times: 3 }, { failure: 'no-answer', attempts: 3 }],
];

describe('an SMS code that the provider does not take', () => {
  const begun = new Map<string, { person: Person; visit: Visit }>();
  // All at once: some take the provider's whole patience three times.
  beforeAll(async () => {
    const begin = async ([why, fault]: (typeof refusals)[number]) => {
      const person = await somebody();
      begun.set(why, { person, visit: await visitWith(person, { times: 1, ...fault }) });
    };
    await Promise.all(refusals.map(begin));
  });

  test.each(refusals)(
    'since %s, is told as failed and costs nothing; another can be had',
    async (why, _fault, { failure, attempts }) => {
      const { person, visit } = begun.get(why) as { person: Person; visit: Visit };
      const failed = await untilOtp(
        visit,
        ({ delivery, sendsLeft }) => delivery === 'failed' && sendsLeft === 3,
      );
      expect(failed.attemptsLeft).toBe(3);
      expect(await rowOf(visit)).toMatchObject({ delivery: 'failed', failure, attempts, providerId: null });
      expect(await trailOf(visit)).toEqual([{ type: 'otp-not-sent', detail: { number: 1, failure } }]);
      await leadsOn(visit, 2);
      expect(person.codes()).toHaveLength(1);
      await nothingSaid(person, visit);
      // Of the two a day that this phone may get, one is left.
      const key = (await rowOf(visit)).allowance ?? '';
      expect(await stack.db.prisma.textAllowance.findUnique({ where: { key } })).toMatchObject({ used: 1 });
    },
    45_000,
  );
});

describe('a provider that says when to come again', () => {
  test('is asked again then and not before, and the code arrives', async () => {
    const person = await somebody();
    const visit = await visitWith(person, { status: 429, retryAfter: 5, times: 1 });
    const begunMs = Date.now();
    await untilDelivery(visit, 'delivered');
    // Of itself it would have been tried again after two seconds.
    expect(Date.now() - begunMs).toBeGreaterThan(4_500);
    expect(await rowOf(visit)).toMatchObject({ attempts: 2 });
    expect(await trailOf(visit)).toEqual([{ type: 'otp-sent', detail: { number: 1 } }]);
    expect((await visit.enterOtp(await visit.otp())).status).toBe(200);
  });

  test('when the code will be worth nothing is not waited for: the citizen is told at once', async () => {
    const person = await somebody();
    const begunMs = Date.now();
    const visit = await visitWith(person, { status: 429, retryAfter: 3_600, times: 1 });
    await untilOtp(visit, ({ delivery, sendsLeft }) => delivery === 'failed' && sendsLeft === 3);
    expect(Date.now() - begunMs).toBeLessThan(5_000);
    expect(await rowOf(visit)).toMatchObject({ attempts: 1, failure: 'status-429' });
    await leadsOn(visit, 2);
  });

  test('does not send a code any more for which another has been asked meanwhile', async () => {
    const person = await somebody();
    const visit = await visitWith(person, { status: 429, retryAfter: 4, times: 1 });
    await until(
      () => rowOf(visit),
      ({ attempts }) => attempts === 1,
    );
    await leadsOn(visit, 1);
    await until(
      () => rowOf(visit),
      ({ delivery }) => delivery === 'failed',
    );
    expect(await rowOf(visit)).toMatchObject({ failure: 'not-needed', attempts: 1 });
    expect(person.codes()).toHaveLength(1);
  });
});

describe('an SMS code that the provider takes', () => {
  test('and that never arrives is told as failed; it was sent, so it counts', async () => {
    const person = await somebody();
    const visit = await visitWith(person, { delivery: 'undelivered', code: 30_003, times: 1 });
    expect(await untilDelivery(visit, 'failed')).toMatchObject({ attemptsLeft: 3, sendsLeft: 2 });
    const failure = 'provider-30003';
    expect(await rowOf(visit)).toMatchObject({ failure, attempts: 1 });
    await until(
      () => trailOf(visit),
      (trail) => trail.length === 2,
    );
    expect(await trailOf(visit)).toEqual(
      expect.arrayContaining([
        { type: 'otp-sent', detail: { number: 1 } },
        { type: 'text-undelivered', detail: { purpose: 'otp.activation', failure } },
      ]),
    );
    await leadsOn(visit, 1);
    await nothingSaid(person, visit);
    // Both were taken on, so this phone gets no third one today.
    expect((await person.start()).status).toBe(429);
  });

  test('before it hangs up is not sent again where the provider has told of it', async () => {
    const person = await somebody();
    const visit = await visitWith(person, { acceptAndDie: true, times: 1 });
    expect(await untilDelivery(visit, 'delivered')).toMatchObject({ sendsLeft: 2 });
    await until(
      () => trailOf(visit),
      (trail) => trail.length === 1,
    );
    expect(await trailOf(visit)).toEqual([{ type: 'otp-sent', detail: { number: 1 } }]);
    expect(await rowOf(visit)).toMatchObject({ attempts: 1, delivery: 'delivered' });
    const codes = person.codes();
    expect(codes).toHaveLength(1);
    expect((await visit.enterOtp(codes[0] as string)).status).toBe(200);
  });

  test('before it hangs up goes out a second time otherwise, the very same, and both are counted', async () => {
    const person = await somebody();
    const visit = await visitWith(person, { acceptAndDie: true, silent: true, times: 1 });
    const otp = await visit.otp();
    expect(person.codes()).toEqual([otp, otp]);
    expect(await rowOf(visit)).toMatchObject({ attempts: 2 });
    expect((await untilDelivery(visit, 'delivered')).sendsLeft).toBe(2);
    expect(await trailOf(visit)).toEqual([{ type: 'otp-sent', detail: { number: 1 } }]);
    expect((await visit.enterOtp(otp)).status).toBe(200);
    await nothingSaid(person, visit);
  });
});

test('a notice that the provider does not take, since our token is no longer good, comes once it is mended', async () => {
  const person = new Person(stack);
  stack.phone.fail({ to: person.data.phone, status: 401, code: 20_003, message: words, times: 1 });
  await person.register();
  await until(
    () => stack.db.prisma.text.findFirst({ where: { citizenId: person.citizenId } }),
    (text) => text?.delivery === 'delivered',
  );
  expect(await stack.db.prisma.text.findFirst({ where: { citizenId: person.citizenId } })).toMatchObject({
    purpose: 'notice.welcome',
    attempts: 2,
  });
});
