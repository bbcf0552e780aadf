import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { timeText } from '../../platform/date-texts.ts';
import { wordings } from '../../web/views/wording.ts';
import { activeCitizen } from '../actors/citizen.ts';
import { goodPassword } from '../actors/credentials.ts';
import { registerParty } from '../actors/relying-parties.ts';
import { queryAsOwner } from '../database/rows.ts';
import { addressOfRequest, type GatewayPages, startGatewayPages } from '../environment/gateway-pages.ts';
import type { VisitedPage } from '../environment/portal-visitor.ts';
import { type Stack, startStack } from '../environment/stack.ts';

const t = wordings.es;

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

/** The seconds of which a page warns, and whether it offers more. */
const limitOf = ({ html }: VisitedPage) => ({
  seconds: Number(/data-time-limit="(\d+)"/.exec(html)?.[1]),
  isOffered: html.includes('data-go-on'),
});

test('each page with a form warns of the end of its request, and offers no more time than there is', async () => {
  const citizen = await activeCitizen(stack);
  const id = gateway.requests.start(await registerParty(stack));
  const expiresAt = new Date(Date.now() + 1_500_000);
  gateway.requests.change(id, { expiresAt });
  const visitor = gateway.visitor();
  const first = await visitor.get(addressOfRequest(id));
  const typed = { nationalId: citizen.data.nationalId, password: goodPassword };
  const code = await visitor.submit(first, { ...typed, means: 'password-sms' });
  const confirmation = await visitor.submit(code, { action: 'otp', otp: await citizen.otp(2) });
  expect(confirmation.path).toBe(`${addressOfRequest(id)}/confirmation`);
  for (const page of [first, code, confirmation]) {
    const { seconds, isOffered } = limitOf(page);
    expect([page.path, isOffered]).toEqual([page.path, false]);
    // The journey has half an hour.
    expect(seconds).toBeLessThanOrEqual(1_500);
    expect(seconds).toBeGreaterThan(1_000);
    expect(page.html).toContain(t('time-limit.fixed'));
    expect(page.html).toContain(t('gateway.until', { hour: timeText(expiresAt.toISOString(), 'es') }));
  }
});

test('a journey that ends before its request can be extended, up to the end of the request', async () => {
  const citizen = await activeCitizen(stack);
  const id = gateway.requests.start(await registerParty(stack));
  const visitor = gateway.visitor();
  const first = await visitor.get(addressOfRequest(id));
  const typed = { nationalId: citizen.data.nationalId, password: goodPassword };
  await visitor.submit(first, { ...typed, means: 'password-sms' });
  await queryAsOwner(
    stack,
    `UPDATE "Journey" SET "expiresAt" = now() + interval '5 minutes' WHERE "citizenId" = $1::uuid AND "finishedAt" IS NULL`,
    [citizen.citizenId],
  );
  const address = `${addressOfRequest(id)}/journey`;
  const code = await visitor.get(address);
  expect(limitOf(code).isOffered).toBe(true);
  expect(limitOf(code).seconds).toBeLessThanOrEqual(300);
  const extended = await visitor.submit(code, { action: 'extend' });
  expect(extended.path).toBe(address);
  expect(limitOf(extended).isOffered).toBe(false);
  expect(limitOf(extended).seconds).toBeGreaterThan(300);
});
