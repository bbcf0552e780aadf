import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Citizen } from '../actors/citizen.ts';
import { goodPassword, wrongCode } from '../actors/credentials.ts';
import { newPersonalData } from '../actors/personal-data.ts';
import { queryAsOwner } from '../database/rows.ts';
import { requestOnce } from '../environment/http.ts';
import { type Stack, startStack } from '../environment/stack.ts';

/** From where each test calls, so that it finds its own events. */
const browser = { 'User-Agent': 'A browser of this test' };

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({
    own: true,
    policy: { startsPerIp: { tries: 40, per: 'PT10M' }, requestsPerIp: { tries: 60, per: 'PT10M' } },
  });
});
afterAll(() => stack.stop());

interface Told {
  type: string;
  detail: Record<string, unknown>;
  citizenId: string | null;
  journeyId: string | null;
  officerId: string | null;
  ip: string;
  userAgent: string;
}

/** The audit events of the calls from an address. */
const toldOf = (ip: string): Promise<Told[]> =>
  queryAsOwner<Told>(
    stack,
    `SELECT event.type, event.detail, event."citizenId", event."journeyId", event."officerId", ip, "userAgent"
     FROM "AuditEvent" event JOIN "Request" request ON request.id = event."requestId"
     WHERE ip = $1 ORDER BY event.at`,
    [ip],
  );
const from = (ip: string) => ({
  ...browser,
  Forwarded: `for=${ip}`,
  'X-Front-End-Key': stack.frontEndKey,
});

describe('the trail records who was refused what, and from where', () => {
  test('a password against the rules, but not the password', async () => {
    const citizen = await new Citizen(stack).register();
    const journey = await citizen.confirmedJourney();
    const refused = await journey.setPassword('Begoña-Casa7', from('192.0.2.10'));
    expect(refused.status).toBe(422);
    const told = await toldOf('192.0.2.10');
    expect(told).toMatchObject([
      {
        type: 'call-refused',
        detail: { route: '/journeys/:id/password', problem: 'password-refused' },
        ...{ citizenId: citizen.citizenId, journeyId: journey.id, officerId: null },
        userAgent: browser['User-Agent'],
      },
    ]);
    expect(JSON.stringify(told)).not.toContain('Casa7');
  });

  test('an act for a phone in use, a regeneration for an unknown citizen, and one that needs an act', async () => {
    const owner = await new Citizen(stack).register();
    await owner.activateOrReset();
    const other = new Citizen(stack, { phone: owner.data.phone });
    const office = { token: stack.officeKey, headers: from('192.0.2.11') };
    expect((await other.tryRegister(office.headers)).status).toBe(409);
    const { nationalId } = newPersonalData();
    expect(
      (await requestOnce(stack, 'POST', '/activation-codes', { body: { nationalId }, ...office })).status,
    ).toBe(404);
    const suspension = { nationalId: owner.data.nationalId, reason: 'A lost phone' };
    await requestOnce(stack, 'POST', '/suspensions', { body: suspension, token: stack.officeKey });
    const { nationalId: id } = owner.data;
    const asked = await requestOnce(stack, 'POST', '/activation-codes', {
      body: { nationalId: id },
      ...office,
    });
    expect(asked.status).toBe(409);
    const told = await toldOf('192.0.2.11');
    expect(told.map(({ detail }) => detail['problem'])).toEqual([
      'phone-in-use',
      'not-registered',
      'registration-act-needed',
    ]);
    expect(told.every(({ officerId }) => officerId !== null)).toBe(true);
  });

  test("a key that is no officer's, but only as often as an address may start something", async () => {
    const tries = Array.from({ length: 45 }, () =>
      requestOnce(stack, 'POST', '/citizen-lookups', {
        body: { nationalId: newPersonalData().nationalId },
        ...{ token: 'nobodys-key', headers: from('192.0.2.12') },
      }),
    );
    const statuses = (await Promise.all(tries)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 401)).toHaveLength(40);
    expect(statuses.filter((status) => status === 429)).toHaveLength(5);
    const types = (await toldOf('192.0.2.12')).map(({ type }) => type);
    expect(types.filter((type) => type === 'officer-refused')).toHaveLength(40);
    expect(types.filter((type) => type === 'limit-reached')).toHaveLength(1);

    // The right key is refused there too, and let in elsewhere; citizens of that address are not counted with the guesses.
    const { nationalId, email } = newPersonalData();
    const lookUpFrom = (ip: string) =>
      requestOnce(stack, 'POST', '/citizen-lookups', {
        body: { nationalId },
        ...{ token: stack.officeKey, headers: from(ip) },
      });
    expect([(await lookUpFrom('192.0.2.12')).status, (await lookUpFrom('192.0.2.15')).status]).toEqual([
      429, 404,
    ]);
    const start = { body: { nationalId, email, activationCode: wrongCode }, headers: from('192.0.2.12') };
    expect((await requestOnce(stack, 'POST', '/activations', start)).status).toBe(422);
  });

  test('a limit that was reached, once and not for each request that it turned away', async () => {
    const headers = from('192.0.2.13');
    const tries = Array.from({ length: 70 }, () =>
      requestOnce(stack, 'GET', '/password-policy', { headers }),
    );
    const statuses = (await Promise.all(tries)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 429)).toHaveLength(10);
    expect(await toldOf('192.0.2.13')).toMatchObject([
      { type: 'limit-reached', detail: { limit: 'requests' }, userAgent: browser['User-Agent'] },
    ]);
  });

  test('nothing of a call that was malformed or out of step', async () => {
    const citizen = await new Citizen(stack).register();
    const journey = await citizen.startActivation();
    const headers = from('192.0.2.14');
    expect((await journey.setPassword(goodPassword, headers)).status).toBe(409);
    expect((await journey.enterOtp('12', headers)).status).toBe(400);
    expect((await citizen.tryStartActivation({ activationCode: wrongCode, more: 1 }, headers)).status).toBe(
      400,
    );
    expect(await toldOf('192.0.2.14')).toEqual([]);
  });
});
