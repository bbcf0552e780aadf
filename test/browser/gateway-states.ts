import type { Page } from 'playwright-core';
import { acceptedCode } from '../actors/certificates.ts';
import { activeCitizen } from '../actors/citizen.ts';
import { goodPassword, otherPassword, wrongOtp, wrongPassword } from '../actors/credentials.ts';
import { newPersonalData } from '../actors/personal-data.ts';
import { registerParty } from '../actors/relying-parties.ts';
import { queryAsOwner } from '../database/rows.ts';
import { addressOfRequest, type GatewayPages } from '../environment/gateway-pages.ts';
import type { Stack } from '../environment/stack.ts';
import { submitForm } from './browser.ts';
import { choosePassword, enterOtp } from './portal-steps.ts';

/** Every page of the gateway, as it opens or as a form, an error or an outcome leads to it. */
export const gatewayStates = [
  'sign-in',
  'sign-in-errors',
  'sign-in-refused',
  'otp',
  'otp-error',
  'confirmation',
  'leave',
  'leading-back',
  'over',
  'step-up',
  'renewal',
  'new-password',
  'new-password-refused',
  'renewed',
  'level-high',
  'certificate-refused',
  'certificate-waiting',
  'certificate-confirmation',
  'level-not-registered',
  'level-registration',
  'timed-out',
  'ran-out',
  'lost',
  'not-found',
  'unavailable',
  'protocol-error',
  'signed-out',
] as const;

type GatewayState = (typeof gatewayStates)[number];

/** Signs in on the first page, by a means. */
export async function signInAtGateway(
  page: Page,
  { data: { nationalId } }: { data: { nationalId: string } },
  { means = 'password', password }: { means?: string; password: string },
): Promise<void> {
  await page.locator(`main [name="means"][value="${means}"]`).check();
  await submitForm(page, { nationalId, password });
}

/**
 * Leads citizens through every state, and calls `visit` in each. The language is that of the browser. @throws Error if a state
 * was not reached
 */
export async function visitEveryGatewayState(
  stack: Stack,
  { requests }: GatewayPages,
  page: Page,
  visitState: (page: Page, state: GatewayState) => Promise<void>,
): Promise<void> {
  const visited = new Set<GatewayState>();
  const visit = (state: GatewayState) => {
    visited.add(state);
    return visitState(page, state);
  };
  const open = (path: string) => page.goto(path);
  const start = async (overrides: Parameters<typeof registerParty>[1] = {}) => {
    const party = await registerParty(stack, overrides);
    const id = requests.start(party);
    await open(addressOfRequest(id));
    return { party, id };
  };
  const password = goodPassword;

  const citizen = await activeCitizen(stack);
  const first = await start();
  await visit('sign-in');
  await submitForm(page);
  await visit('sign-in-errors');
  await signInAtGateway(page, citizen, { password: wrongPassword });
  await visit('sign-in-refused');
  await signInAtGateway(page, citizen, { means: 'password-sms', password });
  await visit('otp');
  await submitForm(page, { otp: wrongOtp(await citizen.otp(2)) });
  await visit('otp-error');
  await enterOtp(page, citizen, 2);
  await visit('confirmation');
  await open(`${addressOfRequest(first.id)}/leave`);
  await visit('leave');
  // It leads on by itself: an answer without content leaves the browser where it is.
  const away = '**/returned/*';
  await page.route(away, (route) => route.fulfill({ status: 204 }));
  await submitForm(page);
  await visit('leading-back');
  await page.unroute(away);
  requests.remove(first.id);
  await open(addressOfRequest(first.id));
  await visit('over');

  const second = await start();
  await signInAtGateway(page, citizen, { password });
  await queryAsOwner(stack, `UPDATE "RelyingParty" SET floor = 'substantial' WHERE id = $1`, [
    second.party.id,
  ]);
  await submitForm(page);
  await visit('step-up');

  await stack.db.prisma.password.update({
    where: { citizenId: citizen.citizenId },
    data: { expiresAt: new Date() },
  });
  const third = await start();
  await signInAtGateway(page, citizen, { password });
  await visit('renewal');
  await enterOtp(page, citizen, 3);
  await visit('new-password');
  await choosePassword(page, 'asdf1111');
  await visit('new-password-refused');
  await choosePassword(page, otherPassword);
  await visit('renewed');
  requests.change(third.id, { expiresAt: new Date() });
  await open(addressOfRequest(third.id));
  await visit('timed-out');
  requests.remove(third.id);
  await open(addressOfRequest(third.id));
  await visit('ran-out');

  await start({ floor: 'high' });
  await visit('level-high');
  // The listener is not there: an empty page answers in its place, and its address tells the ticket.
  const listener = /^https:\/\/[0-9a-f]+\.identidad\.localhost/;
  await page.route(listener, (route) => route.fulfill({ contentType: 'text/html', body: '' }));
  const visitListener = async (): Promise<string> => {
    await page.locator('main button[name="certificate"]').first().click();
    await page.waitForURL(listener);
    return new URL(page.url()).searchParams.get('ticket') ?? '';
  };
  const visitedAt = await start({ registrationFloor: 'advanced' });
  await open(`/certificate?ticket=${await visitListener()}&problem=none-sent`);
  await visit('certificate-refused');
  await open(addressOfRequest(visitedAt.id));
  const ticket = await visitListener();
  await open(`${addressOfRequest(visitedAt.id)}/certificate`);
  await visit('certificate-waiting');
  await open(
    `/certificate?ticket=${ticket}&code=${await acceptedCode(stack, { id: ticket }, newPersonalData())}`,
  );
  await visit('certificate-confirmation');
  await submitForm(page);
  await visit('level-not-registered');
  await start({ registrationFloor: 'advanced' });
  await queryAsOwner(stack, `UPDATE "Citizen" SET level = 'basic' WHERE id = $1::uuid`, [citizen.citizenId]);
  await signInAtGateway(page, citizen, { password: otherPassword });
  await submitForm(page);
  await visit('level-registration');

  await open('/identify/unknown');
  await visit('lost');
  await open('/nowhere');
  await visit('not-found');
  await start();
  requests.isDown = true;
  await page.reload();
  await visit('unavailable');
  requests.isDown = false;
  await open('/error');
  await visit('protocol-error');
  await open('/signed-out');
  await visit('signed-out');
  const missing = gatewayStates.filter((state) => !visited.has(state));
  if (missing.length > 0) throw new Error(`states not visited: ${missing.join(', ')}`);
}
