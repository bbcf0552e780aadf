import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { activeCitizen } from '../actors/citizen.ts';
import { otherPassword } from '../actors/credentials.ts';
import { type PortalInProcess, startPortalInProcess } from '../environment/portal-visitor.ts';
import { type Stack, startStack } from '../environment/stack.ts';

let stack: Stack;
let portal: PortalInProcess;
beforeAll(async () => {
  stack = await startStack();
  portal = await startPortalInProcess(stack);
});
afterAll(async () => {
  portal?.stop();
  await stack?.stop();
});

const id = '9VVanXvI51iN2Ty_dbA1D';

test('a reset to which the gateway leads, and one refused before, leads back to the identification', async () => {
  const citizen = await activeCitizen(stack);
  const visitor = portal.visitor();
  const { nationalId, email } = citizen.data;
  const form = await visitor.get(`/es/password-reset?identification=${id}`);
  const hidden = `name="identification" value="${id}"`;
  expect(form.html).toContain(hidden);
  const refused = await visitor.submit(form, { nationalId, email, activationCode: '', identification: id });
  expect(refused.html).toContain(hidden);
  const { activationCode } = citizen;
  const otpPage = await visitor.submit(refused, { nationalId, email, activationCode, identification: id });
  const choice = await visitor.submit(otpPage, { action: 'otp', otp: await citizen.otp(2) });
  const password = { newPassword: otherPassword, repeat: otherPassword };
  const done = await visitor.submit(choice, { action: 'password', accept: 'yes', ...password });
  expect(done.html).toContain(`href="http://localhost:3004/identify/${id}"`);
});

test('another address is kept nowhere', async () => {
  const { html } = await portal.visitor().get('/es/password-reset?identification=https://evil.example');
  expect(html).not.toContain('name="identification"');
});
