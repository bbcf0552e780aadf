import { expect, test } from '@jest/globals';
import { activeCitizen } from '../actors/citizen.ts';
import {
  boundSession,
  boundSessionWithSms,
  identified,
  identify,
  readIdentification,
  registerParty,
} from '../actors/relying-parties.ts';
import { newSession, reportUnrecognisedActivity } from '../actors/sessions.ts';
import { startStack } from '../environment/stack.ts';

test('while Temporal is away citizens identify by password and by SMS, step up, and can void it', async () => {
  const stack = await startStack({ ownTemporal: true });
  try {
    const [citizen, party] = [await activeCitizen(stack), await registerParty(stack)];
    await stack.temporal.stop();
    const id = await identified(stack, party, citizen);
    expect((await readIdentification(stack, party, id)).status).toBe(200);
    const low = await identify(stack, party, await boundSession(stack, party, citizen), {
      floor: 'substantial',
    });
    expect(low.body.code).toBe('level-not-reached');
    const token = await boundSessionWithSms(stack, party, citizen);
    expect((await identify(stack, party, token, { floor: 'substantial' })).status).toBe(201);
    expect((await reportUnrecognisedActivity(stack, await newSession(stack, citizen))).status).toBe(204);
    expect((await readIdentification(stack, party, id)).status).toBe(404);
  } finally {
    await stack.stop();
  }
});
