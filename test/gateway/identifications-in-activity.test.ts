import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { activeCitizen } from '../actors/citizen.ts';
import { asGateway, boundSession, identify, registerParty } from '../actors/relying-parties.ts';
import { requestWithRetry } from '../actors/request.ts';
import { activity, newSession } from '../actors/sessions.ts';
import { addSignOuts, queryAsOwner } from '../database/rows.ts';
import { type Stack, startStack } from '../environment/stack.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());

interface Event {
  readonly at: string;
  readonly type: string;
}

test('an identification is in the activity, with the organisation in the language asked for, its means and level', async () => {
  const [citizen, party, other] = [
    await activeCitizen(stack),
    await registerParty(stack),
    await activeCitizen(stack),
  ];
  const headers = {
    ...asGateway(stack),
    Forwarded: 'for=203.0.113.9',
    'User-Agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0',
  };
  await identify(stack, party, await boundSession(stack, party, citizen), { headers });
  await identify(stack, party, await boundSession(stack, party, other));
  const token = await newSession(stack, citizen);
  const identified = async (language: string) => {
    const reply = await requestWithRetry(stack, 'GET', '/activity', {
      token,
      headers: { 'Accept-Language': language },
    });
    return reply.body.events.filter(({ type }: Event) => type === 'identified');
  };
  expect(await identified('eu')).toEqual([
    {
      ...{ at: expect.any(String), type: 'identified', organisation: party.name['eu'] },
      ...{ level: 'low', means: 'password', device: expect.any(String), address: '203.0.113.•' },
    },
  ]);
  // It has no name in Galician.
  expect(await identified('gl')).toMatchObject([{ organisation: party.name['es'] }]);
});

test('identifications and events of the trail come in pages, each once, newest first, for ninety days', async () => {
  const [citizen, party] = [await activeCitizen(stack), await registerParty(stack)];
  const token = await newSession(stack, citizen);
  await addSignOuts(stack, citizen.citizenId, 50);
  // Two in each minute, where there are two sign-outs too; and one of before the ninety days.
  await queryAsOwner(
    stack,
    `INSERT INTO "Identification" (id, "citizenId", "relyingPartyId", level, means, "sessionId", at, "expiresAt")
     SELECT gen_random_uuid(), $1::uuid, $2, 'low', 'password', gen_random_uuid(),
       CASE number WHEN 0 THEN now() - INTERVAL '91 days'
         ELSE date_trunc('minute', now()) - (number / 2 + 60) * INTERVAL '1 minute' END, now()
     FROM generate_series(0, 30) number`,
    [citizen.citizenId, party.id],
  );
  const seen: Event[] = [];
  const sizes: number[] = [];
  let next: string | undefined;
  do {
    const { body } = await activity(stack, token, next && `?before=${next}`);
    seen.push(...body.events);
    sizes.push(body.events.length);
    next = body.next;
  } while (next);
  const count = (type: string): number => seen.filter((event) => event.type === type).length;
  expect([count('identified'), count('signed-out')]).toEqual([30, 50]);
  const moments = seen.map(({ at }) => at);
  expect(moments).toEqual([...moments].sort().reverse());
  expect(Math.max(...sizes)).toBeLessThanOrEqual(24);
});
