import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { activeCitizen, type Citizen } from '../actors/citizen.ts';
import { goodPassword } from '../actors/credentials.ts';
import { registerParty } from '../actors/relying-parties.ts';
import { fillFailedIds } from '../database/failed-ids.ts';
import { addressOfRequest, type GatewayPages, startGatewayPages } from '../environment/gateway-pages.ts';
import { PortalVisitor } from '../environment/portal-visitor.ts';
import { type Stack, startStack } from '../environment/stack.ts';

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

const prefix = '__Host-clave-gateway-browser-';
const browserCookies = ({ cookies }: PortalVisitor): string[] =>
  [...cookies.keys()].filter((name) => name.startsWith(prefix));
const newVisitor = () => new PortalVisitor(gateway.url.replace('localhost', '127.0.0.1'));

/** Signs in for a new relying party. Returns the step below the request, and the path. */
async function signIn(visitor: PortalVisitor, { data: { nationalId } }: Citizen, means = 'password') {
  const id = gateway.requests.start(await registerParty(stack));
  const first = await visitor.get(addressOfRequest(id));
  const page = await visitor.submit(first, { nationalId, password: goodPassword, means });
  return { page, step: page.path.slice(addressOfRequest(id).length) };
}

test('a browser that has identified here is known for ninety days, where any other is refused', async () => {
  const citizen = await activeCitizen(stack);
  const visitor = newVisitor();
  expect((await signIn(visitor, citizen)).step).toBe('/confirmation');
  const [name = '', ...others] = browserCookies(visitor);
  expect(others).toEqual([]);
  expect(visitor.attributes.get(name)).toMatch(
    /^ Max-Age=7776000; Path=\/; .*HttpOnly; Secure; SameSite=Lax$/,
  );
  expect(name).not.toContain(citizen.data.nationalId);
  const before = visitor.cookies.get(name);
  const giveBack = await fillFailedIds(stack, '127.0.0.1');
  try {
    const stranger = newVisitor();
    expect((await signIn(stranger, citizen)).step).toBe('');
    expect(browserCookies(stranger)).toEqual([]);
    expect((await signIn(visitor, citizen)).step).toBe('/confirmation');
  } finally {
    await giveBack();
  }
  // Renewed by each sign-in.
  expect(browserCookies(visitor)).toEqual([name]);
  expect(visitor.cookies.get(name)).not.toBe(before);
});

test('an SMS code makes a browser known too', async () => {
  const citizen = await activeCitizen(stack);
  const visitor = newVisitor();
  const { page, step } = await signIn(visitor, citizen, 'password-sms');
  expect([step, browserCookies(visitor)]).toEqual(['/journey', []]);
  await visitor.submit(page, { action: 'otp', otp: await citizen.otp(2) });
  expect(browserCookies(visitor)).toHaveLength(1);
});
