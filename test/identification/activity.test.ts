import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { activeCitizen, type Citizen } from '../actors/citizen.ts';
import { goodPassword, wrongPassword } from '../actors/credentials.ts';
import { requestWithRetry } from '../actors/request.ts';
import { activity, newSession, signIn, signInSubstantial } from '../actors/sessions.ts';
import { addSignOuts } from '../database/rows.ts';
import { type Stack, startStack } from '../environment/stack.ts';
import { until } from '../environment/waiting.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());

interface Event {
  readonly at: string;
  readonly type: string;
  readonly means?: string;
  readonly device?: string;
  readonly address: string | null;
}

const from = (address: string, userAgent: string) => ({
  Forwarded: `for="${address}"`,
  'X-Front-End-Key': stack.frontEndKey,
  'User-Agent': userAgent,
});
const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0';
const signedInFrom = async (citizen: Citizen, address: string, userAgent: string): Promise<string> => {
  const reply = await signIn(stack, citizen, goodPassword, { headers: from(address, userAgent) });
  return reply.body.session.token;
};

describe('the activity of a citizen', () => {
  test('has sign-ins, changes and SMS, newest first, with the means, the device and a masked address', async () => {
    const citizen = await activeCitizen(stack);
    await signIn(stack, citizen, wrongPassword, { headers: from('[2001:db8:1:2::7]', 'curl/8.5.0') });
    const journey = await signInSubstantial(stack, citizen);
    await journey.enterOtp(await journey.otp());
    const token = await signedInFrom(citizen, '203.0.113.7', firefox);
    // The provider's answer to an SMS is written after the phone has it.
    const events = await until(
      async (): Promise<readonly Event[]> => (await activity(stack, token)).body.events,
      (all) => all.filter(({ type }) => type === 'otp-sent').length === 2,
    );
    const moments = events.map(({ at }) => at);
    expect(moments).toEqual([...moments].sort().reverse());
    const of = (type: string) =>
      events.filter((event) => event.type === type).map(({ at: _, ...rest }) => rest);
    expect(of('signed-in')).toEqual([
      { type: 'signed-in', means: 'password', device: 'Firefox, Linux', address: '203.0.113.•' },
      expect.objectContaining({ means: 'password-sms', address: '127.0.0.•' }),
    ]);
    expect(of('sign-in-refused')).toEqual([{ type: 'sign-in-refused', address: '2001:db8:1:•' }]);
    expect(of('citizen-registered')).toEqual([{ type: 'citizen-registered', address: null }]);
    expect(of('password-set')).toHaveLength(1);
    expect(of('otp-sent')).toEqual(Array(2).fill({ type: 'otp-sent', address: '127.0.0.•' }));
  });

  test('is that of the session’s citizen alone, and needs one', async () => {
    const [citizen, other] = [await activeCitizen(stack), await activeCitizen(stack)];
    await newSession(stack, other);
    const { body } = await activity(stack, await newSession(stack, citizen));
    expect(body.events.filter(({ type }: Event) => type === 'signed-in')).toHaveLength(1);
    expect((await activity(stack, 'none')).status).toBe(401);
  });

  test('comes in pages, each event once', async () => {
    const citizen = await activeCitizen(stack);
    const token = await newSession(stack, citizen);
    await addSignOuts(stack, citizen.citizenId, 50);
    const seen: Event[] = [];
    const sizes: number[] = [];
    let next: string | undefined;
    do {
      const { body } = await activity(stack, token, next && `?before=${next}`);
      seen.push(...body.events);
      sizes.push(body.events.length);
      next = body.next;
    } while (next);
    expect(seen.filter(({ type }) => type === 'signed-out')).toHaveLength(50);
    const moments = seen.map(({ at }) => at);
    expect(moments).toEqual([...moments].sort().reverse());
    expect(sizes.length).toBe(3);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(21);
  });

  test.each([
    ['before=', '/query/before', 'invalid-format'],
    ['before=yesterday', '/query/before', 'invalid-format'],
    ['before=2026-02-30T00:00:00Z', '/query/before', 'invalid-format'],
    ['before=2026-11-29T03:00:00%2B01:00', '/query/before', 'invalid-format'],
    ['before=2026-11-29T03:00:00Z&before=2026-11-29T03:00:00Z', '/query/before', 'invalid-type'],
    ['after=2026-11-29T03:00:00Z', '/query/after', 'unknown-field'],
  ])('is not given for ?%s', async (query, pointer, code) => {
    const reply = await requestWithRetry(stack, 'GET', `/activity?${query}`, { token: 'none' });
    expect(reply).toMatchObject({ status: 400, body: { errors: [{ pointer, code }] } });
  });
});
