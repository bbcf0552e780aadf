import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { activeCitizen } from '../actors/citizen.ts';
import { requestIdOf } from '../actors/oidc-party.ts';
import { type BrowserAnswer, PlainBrowser } from '../actors/plain-browser.ts';
import { boundSession, boundSessionWithSms, identify } from '../actors/relying-parties.ts';
import { type DemoInProcess, startDemoInProcess } from '../environment/demo-in-process.ts';
import { type GatewayInProcess, startGatewayInProcess } from '../environment/gateway-in-process.ts';
import { type Stack, startStack } from '../environment/stack.ts';

let stack: Stack;
let gateway: GatewayInProcess;
let demo: DemoInProcess;
beforeAll(async () => {
  stack = await startStack();
  gateway = await startGatewayInProcess(stack);
  demo = await startDemoInProcess(stack, gateway);
});
afterAll(async () => {
  await demo.stop();
  await gateway.stop();
  await stack.stop();
});

/** Follows redirects until a page is shown, or a request of the gateway begins. */
async function follow(browser: PlainBrowser, answer: BrowserAnswer): Promise<BrowserAnswer> {
  let at = answer;
  while (at.location && !at.location.includes('/identify/')) at = await browser.get(at.location);
  return at;
}
/** Follows what ends a request: to its own address, and from there back to the site. */
const followEnd = async (browser: PlainBrowser, { location = '' }: BrowserAnswer) =>
  follow(browser, await browser.get(location));
const ask = async (browser: PlainBrowser, fields: Record<string, string>) =>
  requestIdOf(await follow(browser, await browser.post(`${demo.url}/sign-in`, fields)));

async function identified(browser: PlainBrowser, fields: Record<string, string>): Promise<BrowserAnswer> {
  const id = await ask(browser, fields);
  const withSms = fields['level'] === 'substantial';
  const token = await (withSms ? boundSessionWithSms : boundSession)(
    stack,
    demo.party,
    await activeCitizen(stack),
  );
  const { body } = await identify(stack, demo.party, token);
  return followEnd(
    browser,
    await browser.post(`${gateway.url}/identify/${id}/succeed`, body as Record<string, string>),
  );
}

test.each([
  ['low', '', 'pwd'],
  ['substantial', 'yes', 'otp'],
])('a request for %s shows in full what came back', async (level, pushed, amr) => {
  const { text, status } = await identified(new PlainBrowser(), { level, pushed, scope: 'nif' });
  expect(status).toBe(200);
  for (const shown of [`Reached: <strong>${level}`, amr, 'national_id', 'RS256', demo.party.id])
    expect(text).toContain(shown);
  // Not asked for.
  expect(text).not.toContain('given_name');
});

test('signing out ends at the site again, which shows nothing any more', async () => {
  const browser = new PlainBrowser();
  await identified(browser, { level: 'low', scope: 'profile' });
  const out = await follow(browser, await browser.post(`${demo.url}/sign-out`, {}));
  expect(out.text).toContain('You are signed out here');
  expect((await browser.get(demo.url)).text).not.toContain('given_name');
});

test('a cancelled request shows the standard code, and leads back to the start', async () => {
  const browser = new PlainBrowser();
  const id = await ask(browser, { level: 'low' });
  const failed = await browser.post(`${gateway.url}/identify/${id}/fail`, { failure: 'cancelled' });
  const { text, status } = await followEnd(browser, failed);
  expect(status).toBe(400);
  expect(text).toContain('access_denied');
  expect(text).toContain('<a href="/">Start again</a>');
});

test.each([
  ['/back?code=x&state=none', 400, 'knows of no such request'],
  ['/signed-out?state=none', 200, 'has not asked for that'],
  [`/${randomUUID()}`, 404, 'no such page'],
])('%s is answered with a page', async (path, status, words) => {
  const answer = await new PlainBrowser().get(`${demo.url}${path}`);
  expect(answer.status).toBe(status);
  expect(answer.text).toContain(words);
});

test('a notice of logout that is not the gateway’s ends nothing', async () => {
  const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.e30.`;
  for (const logout_token of ['', 'x.y.z', unsigned]) {
    const answer = await new PlainBrowser().post(`${demo.url}/backchannel-logout`, { logout_token });
    expect(answer.status).toBe(400);
  }
});
