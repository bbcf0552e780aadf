import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  authorizationRequest,
  begin,
  type OidcParty,
  push,
  registerOidcParty,
} from '../actors/oidc-party.ts';
import { PlainBrowser } from '../actors/plain-browser.ts';
import { queryAsOwner } from '../database/rows.ts';
import { type GatewayInProcess, startGatewayInProcess } from '../environment/gateway-in-process.ts';
import { type Stack, startStack } from '../environment/stack.ts';

let stack: Stack;
let gateway: GatewayInProcess;
let party: OidcParty;
beforeAll(async () => {
  stack = await startStack();
  gateway = await startGatewayInProcess(stack);
  party = await registerOidcParty(stack, gateway);
});
afterAll(async () => {
  await gateway?.stop();
  await stack?.stop();
});

const stored = async (): Promise<number> =>
  (await queryAsOwner(stack, 'SELECT 1 FROM "OidcArtefact"')).length;

test('state and nonce of 2,000 characters are taken, and a longer one is neither pushed nor stored', async () => {
  const longest = 'x'.repeat(2_000);
  await begin(new PlainBrowser(), party, { state: longest, nonce: longest });
  const before = await stored();
  for (const name of ['state', 'nonce']) {
    const request = await authorizationRequest(party, { [name]: `${longest}x` });
    expect(await push(gateway, request)).toEqual({
      error: 'invalid_request',
      error_description: `${name} must have at most 2000 characters`,
    });
    const { location } = await new PlainBrowser().get(request.address);
    expect(location?.startsWith(`${party.redirectUri}?error=invalid_request&`)).toBe(true);
  }
  expect(await stored()).toBe(before);
});
