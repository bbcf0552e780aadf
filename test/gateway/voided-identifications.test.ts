import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { activeCitizen, type Citizen } from '../actors/citizen.ts';
import { expectStartedJourney } from '../actors/journey.ts';
import { suspend } from '../actors/office.ts';
import {
  boundSession,
  identified,
  identify,
  readIdentification,
  registerParty,
  type TestParty,
} from '../actors/relying-parties.ts';
import { blockPassword, newSession, reportUnrecognisedActivity, unsubscribe } from '../actors/sessions.ts';
import { type Stack, startStack } from '../environment/stack.ts';

let stack: Stack;
let party: TestParty;
beforeAll(async () => {
  stack = await startStack();
  party = await registerParty(stack);
});
afterAll(() => stack.stop());

const noticesOf = (...ids: string[]) =>
  stack.db.prisma.logoutNotice.findMany({
    where: { identificationId: { in: ids } },
    select: { identificationId: true, relyingPartyId: true },
  });

const endings: Record<string, (citizen: Citizen) => Promise<unknown>> = {
  'a report that it was not the citizen': async (citizen) =>
    reportUnrecognisedActivity(stack, await newSession(stack, citizen)),
  'a suspension': (citizen) => suspend(stack, citizen),
  'an unsubscription': async (citizen) => {
    const journey = await expectStartedJourney(stack, unsubscribe(stack, await newSession(stack, citizen)));
    await journey.enterOtp(await journey.otp());
  },
};

test.each(Object.keys(endings))(
  '%s voids the identifications of twelve hours, stores a notice for each, and ends what is bound',
  async (name) => {
    const citizen = await activeCitizen(stack);
    const [latest, before, earlier] = [
      await identified(stack, party, citizen),
      await identified(stack, party, citizen),
      await identified(stack, party, citizen),
    ];
    const token = await boundSession(stack, party, citizen);
    const move = (id: string, hours: number) =>
      stack.db.prisma.identification.update({
        where: { id },
        data: { at: new Date(Date.now() - hours * 3_600_000) },
      });
    await move(before, 11.9);
    await move(earlier, 12.1);
    await endings[name]?.(citizen);
    const status = async (id: string) => (await readIdentification(stack, party, id)).status;
    expect([await status(latest), await status(before), await status(earlier)]).toEqual([404, 404, 200]);
    const notices = await noticesOf(latest, before, earlier);
    expect(notices).toHaveLength(2);
    expect(notices).toEqual(
      expect.arrayContaining(
        [latest, before].map((identificationId) => ({ identificationId, relyingPartyId: party.id })),
      ),
    );
    expect((await identify(stack, party, token)).status).toBe(401);
  },
);

test('a password that wrong ones block voids nothing, and ends what is bound', async () => {
  const citizen = await activeCitizen(stack);
  const id = await identified(stack, party, citizen);
  const token = await boundSession(stack, party, citizen);
  await blockPassword(stack, citizen);
  expect((await readIdentification(stack, party, id)).status).toBe(200);
  expect(await noticesOf(id)).toEqual([]);
  expect((await identify(stack, party, token)).status).toBe(401);
});
