import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createFlowPages } from '../../gateway/flow/create-flow-pages.ts';
import { activeCitizen, type Citizen } from '../actors/citizen.ts';
import { goodPassword, otherPassword, wrongPassword } from '../actors/credentials.ts';
import { entriesBelow, told } from '../actors/error-dictionary.ts';
import { FlowOnPages } from '../actors/flow-on-pages.ts';
import { type OidcParty, registerOidcParty } from '../actors/oidc-party.ts';
import { newPersonalData } from '../actors/personal-data.ts';
import { type BrowserAnswer, PlainBrowser } from '../actors/plain-browser.ts';
import { queryAsOwner } from '../database/rows.ts';
import { type GatewayInProcess, startGatewayInProcess } from '../environment/gateway-in-process.ts';
import { type Stack, startStack } from '../environment/stack.ts';

const high = 'http://eidas.europa.eu/LoA/high';

let stack: Stack;
let gateway: GatewayInProcess;
/** The same gateway while the API is away. */
let withoutApi: GatewayInProcess;
let party: OidcParty;
let citizen: Citizen;
beforeAll(async () => {
  stack = await startStack();
  gateway = await startGatewayInProcess(stack, { createPages: createFlowPages });
  const env = { API_URL: 'http://127.0.0.1:1' };
  withoutApi = await startGatewayInProcess(stack, { createPages: createFlowPages, env });
  party = await registerOidcParty(stack, gateway);
  citizen = await activeCitizen(stack);
});
afterAll(async () => {
  await withoutApi?.stop();
  await gateway?.stop();
  await stack?.stop();
});

const inEnglish = { 'Accept-Language': 'en' };
const start = (params: Record<string, string | undefined> = {}, asking = party) =>
  FlowOnPages.start(gateway, asking, params);
const open = (path: string, browser = new PlainBrowser()) => browser.get(`${gateway.url}${path}`, inEnglish);
const change = (sql: string, ...values: string[]) => queryAsOwner(stack, sql, values);

/** Waits for the SMS code, of a citizen of its own, whose journey then ends. */
async function atTheCode(end: (flow: FlowOnPages, own: Citizen) => Promise<unknown>): Promise<BrowserAnswer> {
  const own = await activeCitizen(stack);
  const flow = await start();
  await flow.signIn(own, 'password-sms');
  await end(flow, own);
  return flow.open(`${flow.path}/journey`);
}
const journeyOf = ({ citizenId }: Citizen, set: string) =>
  change(`UPDATE "Journey" SET ${set} WHERE "citizenId" = $1::uuid AND kind = 'sign-in'`, citizenId);

/** A request whose half-hour is over for some minutes. */
async function late(): Promise<FlowOnPages> {
  const flow = await start();
  await change(
    `UPDATE "OidcArtefact" SET payload = payload || jsonb_build_object('exp', (payload->>'exp')::int - 2000)
     WHERE kind = 'Interaction'`,
  );
  return flow;
}

const provocations: Record<string, () => Promise<BrowserAnswer>> = {
  'The request of the site that you come from is not valid': () => open('/oidc/auth?client_id=rp_nobody'),
  'You cannot reach the level asked for … people registered with Cl@ve': async () => {
    const strict = await registerOidcParty(stack, gateway, { registrationFloor: 'advanced' });
    const flow = await start({}, strict);
    await flow.presentCertificate(stack, newPersonalData());
    return flow.submit('/confirmation', {});
  },
  'Choose your certificate': async () => {
    const flow = await start({ acr_values: high });
    await flow.beginCertificate('dnie');
    return flow.open(`${flow.path}/certificate`);
  },
  'The certificate could not be used': async () => {
    const flow = await start();
    const ticket = await flow.beginCertificate('certificate');
    return flow.open(`/certificate?ticket=${ticket}&problem=revoked`);
  },
  'You cannot reach the level asked for … None of the means': async () => {
    const strict = await registerOidcParty(stack, gateway, { floor: 'substantial', means: ['password'] });
    return (await start({}, strict)).page;
  },
  'You cannot reach the level asked for … registration level in Cl@ve is not enough': async () => {
    const own = await activeCitizen(stack);
    await change(`UPDATE "Citizen" SET level = 'basic' WHERE id = $1::uuid`, own.citizenId);
    const strict = await registerOidcParty(stack, gateway, { registrationFloor: 'advanced' });
    const flow = await start({}, strict);
    await flow.signIn(own);
    return flow.submit('/confirmation', {});
  },
  'Do you want to cancel the identification?': async () => {
    const flow = await start();
    return flow.open(`${flow.path}/leave`);
  },
  'Your time has run out': async () => {
    const flow = await late();
    return flow.open(flow.path);
  },
  'This identification is over': async () => {
    const flow = await start();
    await flow.identify(citizen);
    return flow.open(flow.path);
  },
  'We cannot find this identification': async () => open((await start()).path),
  'The service is not available at the moment … has received no details': async () => {
    const flow = await start();
    await flow.signIn(await activeCitizen(stack), 'password-sms');
    return flow.browser.get(`${withoutApi.url}${flow.path}/journey`);
  },
  'The service is not available at the moment … What had been done is not lost': async () => {
    const flow = await start();
    const role = new URL(stack.database.gatewayUrl).username;
    await change(`REVOKE SELECT ON "RelyingParty" FROM "${role}"`);
    try {
      return await flow.browser.get(`${gateway.url}${flow.path}`, inEnglish);
    } finally {
      await change(`GRANT SELECT ON "RelyingParty" TO "${role}"`);
    }
  },
  'We could not accept the form': async () => {
    const flow = await start();
    return flow.browser.send(`${gateway.url}${flow.path}`, { method: 'POST', headers: inEnglish });
  },
  'Too many requests': async () => {
    const budget = { max: 0, per: 'PT1H' };
    const full = await startGatewayInProcess(stack, { createPages: createFlowPages, budget });
    try {
      return await new PlainBrowser().get(`${full.url}/oidc/auth`, inEnglish);
    } finally {
      await full.stop();
    }
  },
  'We cannot find this page': () => open('/nowhere'),
  'You have signed out': () => open('/oidc/session/end'),
  'It was not possible to identify you with the details entered': async () =>
    (await start()).signIn(citizen, 'password', wrongPassword),
  'Too much time has passed': async () => {
    const own = await activeCitizen(stack);
    const flow = await start();
    await flow.signIn(own);
    await change(`DELETE FROM "Session" WHERE "citizenId" = $1::uuid`, own.citizenId);
    return flow.submit('/confirmation', {});
  },
  'What you have used does not reach the level asked for': async () => {
    const own = await registerOidcParty(stack, gateway);
    const flow = await start({}, own);
    await flow.signIn(citizen);
    await change(`UPDATE "RelyingParty" SET floor = 'substantial' WHERE id = $1`, own.id);
    return flow.submit('/confirmation', {});
  },
  'Your password has expired': async () => (await atTheRenewal()).flow.page,
  'Your new password is valid now': async () => {
    const { flow, own } = await atTheRenewal();
    await flow.submit('/journey', { action: 'otp', otp: await own.otp(2) });
    const password = { newPassword: otherPassword, repeat: otherPassword, accept: 'yes' };
    return flow.submit('/journey', { action: 'password', ...password });
  },
  'The code of the SMS was entered wrongly too many times': () =>
    atTheCode(async (flow, own) => {
      const otp = (await own.otp(2)) === '000000' ? '111111' : '000000';
      for (let tries = 0; tries < 4; tries += 1) await flow.submit('/journey', { action: 'otp', otp });
    }),
  'The time to enter the code has run out': () =>
    atTheCode((_flow, own) => journeyOf(own, `"expiresAt" = now()`)),
  'Another procedure was started after this one': () =>
    atTheCode(async (_flow, own) => (await start()).signIn(own, 'password-sms', goodPassword)),
  'Your access has been blocked': () =>
    atTheCode((_flow, own) => journeyOf(own, `"finishedAt" = now(), outcome = 'blocked'`)),
};

/** A citizen with an expired password, at the SMS code of its renewal. */
async function atTheRenewal() {
  const own = await activeCitizen(stack);
  await change(`UPDATE "Password" SET "expiresAt" = now() WHERE "citizenId" = $1::uuid`, own.citizenId);
  const flow = await start();
  await flow.signIn(own);
  return { flow, own };
}

const heading = 'Pages that citizens see';

test('the dictionary has each page that is provoked here', () => {
  expect(entriesBelow(heading).sort()).toEqual(Object.keys(provocations).sort());
});

test.each(Object.keys(provocations))('%s', async (expected) => {
  const answer = await provocations[expected]?.();
  let rest = answer?.text ?? '';
  for (const part of expected.split(' … ')) {
    expect([rest.includes(part), rest]).toEqual([true, rest]);
    rest = rest.slice(rest.indexOf(part));
  }
});

test('a citizen who is late is led back, with the standard code', async () => {
  const flow = await late();
  await flow.open(flow.path);
  expect(flow.page.status).toBe(410);
  expect(told((await flow.leave('timed-out')).location)).toBe(
    'temporarily_unavailable: the citizen did not finish in time',
  );
});
