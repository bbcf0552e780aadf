import { expect, test } from '@jest/globals';
import { locationAfter } from '../actors/cards.ts';
import { codeIn, issueTicket, redeem } from '../actors/certificates.ts';
import { startStack } from '../environment/stack.ts';

test('while Temporal is away certificates are presented and redeemed', async () => {
  const stack = await startStack({ ownTemporal: true, certificates: true });
  try {
    await stack.temporal.stop();
    const ticket = await issueTicket(stack);
    const location = await locationAfter(stack, ticket.url, 'dnie');
    expect((await redeem(stack, ticket, codeIn(location))).status).toBe(201);
  } finally {
    await stack.stop();
  }
});
