import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { activeCitizen, type Citizen } from '../actors/citizen.ts';
import { goodPassword } from '../actors/credentials.ts';
import { registerParty } from '../actors/relying-parties.ts';
import { addressOfRequest, type GatewayPages, startGatewayPages } from '../environment/gateway-pages.ts';
import type { PortalVisitor, VisitedPage } from '../environment/portal-visitor.ts';
import { type Stack, startStack } from '../environment/stack.ts';
import { until } from '../environment/waiting.ts';

let stack: Stack;
let gateway: GatewayPages;
beforeAll(async () => {
  stack = await startStack();
  gateway = await startGatewayPages(stack);
});
afterAll(async () => {
  gateway?.stop();
  await stack?.stop();
});

async function startFlow() {
  const id = gateway.requests.start(await registerParty(stack));
  const visitor = gateway.visitor();
  return { id, visitor, page: await visitor.get(addressOfRequest(id)) };
}

const signIn = (
  visitor: PortalVisitor,
  page: VisitedPage,
  { data: { nationalId } }: Citizen,
  { means = 'password' } = {},
) => visitor.submit(page, { nationalId, password: goodPassword, means });

describe('a session that is left', () => {
  const sessionsOf = ({ citizenId }: Citizen) => stack.db.prisma.session.findMany({ where: { citizenId } });

  test.each([
    ['password', 1],
    ['password-sms', 0],
  ])('by Back and another sign-in (%s) is over', async (means, left) => {
    const citizen = await activeCitizen(stack);
    const { visitor, page } = await startFlow();
    await signIn(visitor, page, citizen);
    const [first] = await sessionsOf(citizen);
    await signIn(visitor, await visitor.get(page.path), citizen, { means });
    const remaining = await until(
      () => sessionsOf(citizen),
      ({ length }) => length <= left,
    );
    expect(remaining).toHaveLength(left);
    expect(remaining.map(({ id }) => id)).not.toContain(first?.id);
  });

  test('is the one that goes on where the form was sent twice', async () => {
    const citizen = await activeCitizen(stack);
    const { id, visitor, page } = await startFlow();
    await signIn(visitor, page, citizen);
    const confirmation = await signIn(visitor, page, citizen);
    expect(await sessionsOf(citizen)).toHaveLength(1);
    await visitor.submit(confirmation, {});
    expect(gateway.requests.ended.get(id)).toMatchObject({ level: 'low' });
  });
});
