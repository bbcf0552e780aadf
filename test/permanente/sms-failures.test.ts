import { afterAll, beforeAll, expect, test } from '@jest/globals';
import proto from '@temporalio/proto';
import type { Fault } from '../../local/phone/faults.ts';
import { citizenWorkflowId } from '../../platform/temporal.ts';
import { Citizen } from '../actors/citizen.ts';
import type { Journey } from '../actors/journey.ts';
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

/** An error text of the provider that a library passes on: it contains the phone number. */
const words = 'The canary number +34698173254 cannot be reached';

/** A registered citizen whose welcome has arrived: what fails from now on is a code. */
async function registeredCitizen(): Promise<Citizen> {
  const citizen = await new Citizen(stack).register();
  await until(
    () => stack.db.prisma.text.count({ where: { citizenId: citizen.citizenId, delivery: 'delivered' } }),
    (welcome) => welcome === 1,
  );
  return citizen;
}

async function journeyWith(citizen: Citizen, ...faults: Fault[]): Promise<Journey> {
  for (const fault of faults) stack.phone.addFault({ to: citizen.data.phone, message: words, ...fault });
  return citizen.startActivation();
}

const otpOf = async (journey: Journey) => (await journey.read()).body.journey.otp;
type Otp = { delivery: string; sendsLeft: number; attemptsLeft: number };
const untilOtp = (journey: Journey, isIt: (otp: Otp) => boolean) => until<Otp>(() => otpOf(journey), isIt);
const untilDelivery = (journey: Journey, told: string) =>
  untilOtp(journey, ({ delivery }) => delivery === told);
const rowOf = (journey: Journey, number = 1) =>
  stack.db.prisma.text.findUniqueOrThrow({ where: { id: `${journey.id}/${number}` } });
const trailOf = (journey: Journey) =>
  queryAsOwner<{ type: string; detail: unknown }>(
    stack,
    `SELECT type, detail FROM "AuditEvent" WHERE "journeyId" = $1 AND type <> 'journey-begun' ORDER BY at`,
    [journey.id],
  );

/** The provider is back: another code comes, the first is never sent, and the journey goes on. */
async function leadsOn(journey: Journey, sendsLeft: number): Promise<void> {
  await untilPast((await otpOf(journey)).resendAfter);
  expect(await journey.resend()).toMatchObject({ status: 202, body: { journey: { otp: { sendsLeft } } } });
  const otp = await journey.otp(2);
  await untilDelivery(journey, 'delivered');
  expect(await journey.enterOtp(otp)).toMatchObject({ status: 200, body: { journey: { step: 'password' } } });
}

/** Nothing that the provider or its library said is in the citizen's histories, in answers or in the log. */
async function nothingSaid({ citizenId }: Citizen, journey: Journey): Promise<void> {
  const runs: string[] = [];
  const workflowId = citizenWorkflowId(citizenId);
  for await (const { runId } of stack.client.workflow.list({ query: `WorkflowId="${workflowId}"` })) {
    const history = await stack.client.workflow.getHandle(workflowId, runId).fetchHistory();
    runs.push(asText(history));
  }
  expect(runs.join('')).toContain('sendOtp');
  const texts = await stack.db.prisma.text.findMany({ where: { citizenId } });
  const said = [
    ...runs,
    ...logged,
    JSON.stringify([await journey.read(), texts, await trailOf(journey)]),
  ].join('');
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

// The tests that wait for the provider, or until another code may be sent, wait at once.
test.concurrent.each(refusals)(
  'an SMS code that the provider does not take, since %s, is reported as failed and does not count; another can be sent',
  async (_why, fault, { failure, attempts }) => {
    const citizen = await registeredCitizen();
    const journey = await journeyWith(citizen, { times: 1, ...fault });
    const failed = await untilOtp(
      journey,
      ({ delivery, sendsLeft }) => delivery === 'failed' && sendsLeft === 3,
    );
    expect(failed.attemptsLeft).toBe(3);
    expect(await rowOf(journey)).toMatchObject({ delivery: 'failed', failure, attempts, providerId: null });
    expect(await trailOf(journey)).toEqual([{ type: 'otp-not-sent', detail: { number: 1, failure } }]);
    await leadsOn(journey, 2);
    expect(citizen.otps()).toHaveLength(1);
    await nothingSaid(citizen, journey);
    // Of the two a day that this phone may get, one is left.
    const key = (await rowOf(journey)).allowance ?? '';
    expect(await stack.db.prisma.textAllowance.findUnique({ where: { key } })).toMatchObject({ used: 1 });
  },
);

test.concurrent('a provider that says when to come again is asked again then and not before, and the code arrives', async () => {
  const citizen = await registeredCitizen();
  const begunMs = Date.now();
  const journey = await journeyWith(citizen, { status: 429, retryAfter: 5, times: 1 });
  await untilDelivery(journey, 'delivered');
  // Of itself it would have been tried again after two seconds.
  expect(Date.now() - begunMs).toBeGreaterThan(4_500);
  expect(await rowOf(journey)).toMatchObject({ attempts: 2 });
  expect(await trailOf(journey)).toEqual([{ type: 'otp-sent', detail: { number: 1 } }]);
  expect((await journey.enterOtp(await journey.otp())).status).toBe(200);
});

test.concurrent('a provider that says when to come again later than the code is valid is not waited for: the code is reported as failed at once', async () => {
  const citizen = await registeredCitizen();
  const journey = await journeyWith(citizen, { status: 429, retryAfter: 3_600, times: 1 });
  await untilOtp(journey, ({ delivery, sendsLeft }) => delivery === 'failed' && sendsLeft === 3);
  expect(Date.now()).toBeLessThan(Date.parse(journey.started.otp.expiresAt));
  expect(await rowOf(journey)).toMatchObject({ attempts: 1, failure: 'status-429' });
  await leadsOn(journey, 2);
});

test.concurrent('a provider that says when to come again does not send a code any more for which another has been asked meanwhile', async () => {
  const citizen = await registeredCitizen();
  const journey = await journeyWith(citizen, { status: 429, retryAfter: 15, times: 1 });
  await until(
    () => rowOf(journey),
    ({ attempts }) => attempts === 1,
  );
  await leadsOn(journey, 1);
  await until(
    () => rowOf(journey),
    ({ delivery }) => delivery === 'failed',
  );
  expect(await rowOf(journey)).toMatchObject({ failure: 'not-needed', attempts: 1 });
  expect(citizen.otps()).toHaveLength(1);
});

test.concurrent('an SMS code that the provider takes and that never arrives is reported as failed; it was sent, so it counts', async () => {
  const citizen = await registeredCitizen();
  const journey = await journeyWith(citizen, { delivery: 'undelivered', code: 30_003, times: 1 });
  expect(await untilDelivery(journey, 'failed')).toMatchObject({ attemptsLeft: 3, sendsLeft: 2 });
  const failure = 'provider-30003';
  expect(await rowOf(journey)).toMatchObject({ failure, attempts: 1 });
  await until(
    () => trailOf(journey),
    (trail) => trail.length === 2,
  );
  expect(await trailOf(journey)).toEqual(
    expect.arrayContaining([
      { type: 'otp-sent', detail: { number: 1 } },
      { type: 'text-undelivered', detail: { purpose: 'otp.activation', failure } },
    ]),
  );
  await leadsOn(journey, 1);
  await nothingSaid(citizen, journey);
  // Both were taken on, so this phone gets no third one today.
  expect((await citizen.tryStartActivation()).status).toBe(429);
});

test('an SMS code that the provider takes before it hangs up is not sent again if the provider reports its delivery', async () => {
  const citizen = await registeredCitizen();
  const journey = await journeyWith(citizen, { acceptAndDie: true, times: 1 });
  expect(await untilDelivery(journey, 'delivered')).toMatchObject({ sendsLeft: 2 });
  await until(
    () => trailOf(journey),
    (trail) => trail.length === 1,
  );
  expect(await trailOf(journey)).toEqual([{ type: 'otp-sent', detail: { number: 1 } }]);
  expect(await rowOf(journey)).toMatchObject({ attempts: 1, delivery: 'delivered' });
  const codes = citizen.otps();
  expect(codes).toHaveLength(1);
  expect((await journey.enterOtp(codes[0] as string)).status).toBe(200);
});

test.concurrent('an SMS code that the provider takes before it hangs up is sent a second time otherwise, the very same code, and both are counted', async () => {
  const citizen = await registeredCitizen();
  const journey = await journeyWith(citizen, { acceptAndDie: true, silent: true, times: 1 });
  const otp = await journey.otp();
  expect(citizen.otps()).toEqual([otp, otp]);
  expect(await rowOf(journey)).toMatchObject({ attempts: 2 });
  expect((await untilDelivery(journey, 'delivered')).sendsLeft).toBe(2);
  expect(await trailOf(journey)).toEqual([{ type: 'otp-sent', detail: { number: 1 } }]);
  expect((await journey.enterOtp(otp)).status).toBe(200);
  await nothingSaid(citizen, journey);
});

test.concurrent('a notice that the provider does not take, since our token is no longer good, comes once it is mended', async () => {
  const citizen = new Citizen(stack);
  stack.phone.addFault({ to: citizen.data.phone, status: 401, code: 20_003, message: words, times: 1 });
  await citizen.register();
  await until(
    () => stack.db.prisma.text.findFirst({ where: { citizenId: citizen.citizenId } }),
    (text) => text?.delivery === 'delivered',
  );
  expect(await stack.db.prisma.text.findFirst({ where: { citizenId: citizen.citizenId } })).toMatchObject({
    purpose: 'notice.welcome',
    attempts: 2,
  });
});
