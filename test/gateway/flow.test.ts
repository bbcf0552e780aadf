import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { wordings } from '../../web/views/wording.ts';
import { activeCitizen, type Citizen } from '../actors/citizen.ts';
import { goodPassword, otherPassword, wrongPassword } from '../actors/credentials.ts';
import { readIdentification, registerParty, type TestParty } from '../actors/relying-parties.ts';
import { queryAsOwner } from '../database/rows.ts';
import { addressOfRequest, type GatewayPages, startGatewayPages } from '../environment/gateway-pages.ts';
import type { PortalVisitor, VisitedPage } from '../environment/portal-visitor.ts';
import { type Stack, startStack } from '../environment/stack.ts';
import { until } from '../environment/waiting.ts';

const t = wordings.es;
const party = 'Agencia de pruebas';

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

/** A request of a new relying party, at its first page in a new browser. */
async function startFlow(overrides: Partial<TestParty> = {}) {
  const registered = await registerParty(stack, overrides);
  const id = gateway.requests.start(registered);
  const visitor = gateway.visitor();
  const page = await visitor.get(addressOfRequest(id));
  return { party: registered, id, visitor, page };
}

const signIn = (
  visitor: PortalVisitor,
  page: VisitedPage,
  { data: { nationalId } }: Citizen,
  { means = 'password', password = goodPassword } = {},
) => visitor.submit(page, { nationalId, password, means });

const ended = (id: string) => gateway.requests.ended.get(id);
const isAt = ({ status, path }: VisitedPage) => [status, path];

describe('an identification', () => {
  test('by the password: who asks, which data go, back; the relying party gets what was said', async () => {
    const citizen = await activeCitizen(stack);
    const { party: registered, id, visitor, page } = await startFlow({ attributes: ['nif'] });
    for (const shown of [party, 'Ministerio de pruebas', 'pruebas.example', t('gateway.level.low')])
      expect(page.html).toContain(shown);
    const confirmation = await signIn(visitor, page, citizen);
    expect(isAt(confirmation)).toEqual([200, `${addressOfRequest(id)}/confirmation`]);
    expect(confirmation.html).toContain(t('gateway.attribute.nif'));
    expect(confirmation.html).not.toContain(t('gateway.attribute.email'));
    // The sign-in that activation tests have not made: the first one.
    expect(confirmation.html).toContain(t('my-clave.first-access'));
    const returned = await visitor.submit(confirmation, {});
    expect(isAt(returned)).toEqual([200, `/returned/${id}`]);
    const identification = ended(id);
    expect(identification).toMatchObject({ level: 'low', means: 'password' });
    const { identificationId } = identification as { identificationId: string };
    const read = await readIdentification(stack, registered, identificationId);
    expect(read.body.attributes).toEqual({ nationalId: citizen.data.nationalId });
    // Another tab, or Back: it is over, and leads on.
    for (const step of ['', '/journey', '/confirmation', '/leave'])
      expect((await visitor.get(`${addressOfRequest(id)}${step}`)).path).toBe(`/returned/${id}`);
  });

  test('by an SMS code, which names the relying party; the page has another code and the delivery', async () => {
    const citizen = await activeCitizen(stack);
    const { id, visitor, page } = await startFlow({ floor: 'substantial' });
    expect(page.html).toMatch(/value="password"[^>]* disabled/);
    const code = await signIn(visitor, page, citizen, { means: 'password-sms' });
    expect(isAt(code)).toEqual([200, `${addressOfRequest(id)}/journey`]);
    const wrong = await visitor.submit(code, { action: 'otp', otp: '' });
    expect(wrong.html).toContain(t('error.otp.required'));
    // A reload shows it again, and sends nothing.
    expect((await visitor.get(wrong.path)).html).toContain(t('error.otp.required'));
    const otp = await citizen.otp(2);
    // A notice of the activation may arrive after it.
    expect(citizen.smsMessages().find((text) => text.includes(otp))).toContain('Pruebas');
    const confirmation = await visitor.submit(wrong, { action: 'otp', otp });
    expect(confirmation.path).toBe(`${addressOfRequest(id)}/confirmation`);
    await visitor.submit(confirmation, {});
    expect(ended(id)).toMatchObject({ level: 'substantial', means: 'password-sms' });
  });

  test('by a means below the floor is not taken, whatever the browser posts', async () => {
    const citizen = await activeCitizen(stack);
    const { id, visitor, page } = await startFlow({ floor: 'substantial' });
    const refused = await signIn(visitor, page, citizen, { means: 'password' });
    expect(refused.html).toContain(t('gateway.error.means'));
    expect((await visitor.get(`${addressOfRequest(id)}/confirmation`)).path).toBe(addressOfRequest(id));
    expect(ended(id)).toBeUndefined();
  });

  test('that is not enough any more leads to more, in the same request', async () => {
    const citizen = await activeCitizen(stack);
    const { party: registered, id, visitor, page } = await startFlow();
    const confirmation = await signIn(visitor, page, citizen);
    await queryAsOwner(stack, `UPDATE "RelyingParty" SET floor = 'substantial' WHERE id = $1`, [
      registered.id,
    ]);
    const where = { citizenId: citizen.citizenId };
    expect(await stack.db.prisma.session.count({ where })).toBe(1);
    const again = await visitor.submit(confirmation, {});
    expect(again.path).toBe(addressOfRequest(id));
    // The session that was not enough is over.
    await until(
      () => stack.db.prisma.session.count({ where }),
      (count) => count === 0,
    );
    expect(again.html).toContain(t('gateway.notice.step-up'));
    expect(again.html).toContain(`value="${citizen.data.nationalId}"`);
    const code = await signIn(visitor, again, citizen, { means: 'password-sms' });
    await visitor.submit(await visitor.submit(code, { action: 'otp', otp: await citizen.otp(2) }), {});
    expect(ended(id)).toMatchObject({ level: 'substantial' });
  });

  test('with an expired password goes through its renewal and on', async () => {
    const citizen = await activeCitizen(stack);
    const where = { citizenId: citizen.citizenId };
    await stack.db.prisma.password.update({ where, data: { expiresAt: new Date() } });
    const { id, visitor, page } = await startFlow();
    const code = await signIn(visitor, page, citizen);
    expect(code.html).toContain(t('gateway.renewal'));
    const choice = await visitor.submit(code, { action: 'otp', otp: await citizen.otp(2) });
    const chosen = { action: 'password', accept: 'yes' };
    const weak = await visitor.submit(choice, { ...chosen, newPassword: 'corta', repeat: 'corta' });
    expect(weak.html).toContain('data-state="broken"');
    const renewed = await visitor.submit(weak, {
      ...chosen,
      newPassword: otherPassword,
      repeat: otherPassword,
    });
    expect(isAt(renewed)).toEqual([200, addressOfRequest(id)]);
    expect(renewed.html).toContain(t('gateway.notice.renewed'));
    const confirmation = await signIn(visitor, renewed, citizen, { password: otherPassword });
    await visitor.submit(confirmation, {});
    expect(ended(id)).toMatchObject({ level: 'low' });
  });
});

describe('a registration', () => {
  test('that is not enough for the relying party has a page that says so, and leads back', async () => {
    const citizen = await activeCitizen(stack);
    await queryAsOwner(stack, `UPDATE "Citizen" SET level = 'basic' WHERE id = $1::uuid`, [
      citizen.citizenId,
    ]);
    const { id, visitor, page } = await startFlow({ registrationFloor: 'advanced' });
    const low = await visitor.submit(await signIn(visitor, page, citizen), {});
    expect(isAt(low)).toEqual([200, addressOfRequest(id)]);
    expect(low.html).toContain(`http://localhost:3002/es/offices`);
    await visitor.submit(low, { reason: 'level-not-available' }, `${addressOfRequest(id)}/leave`);
    expect(ended(id)).toBe('level-not-available');
  });
});

describe('what was typed', () => {
  test('is kept after a refusal, which offers the reset that leads back; a reload shows it again', async () => {
    const citizen = await activeCitizen(stack);
    const { id, visitor, page } = await startFlow();
    const refused = await signIn(visitor, page, citizen, { means: 'password-sms', password: wrongPassword });
    for (const shown of [
      refused,
      await visitor.get(addressOfRequest(id)),
      await visitor.get(addressOfRequest(id)),
    ]) {
      expect(isAt(shown)).toEqual([200, addressOfRequest(id)]);
      expect(shown.html).toContain('govuk-error-summary');
      expect(shown.html).toContain(`value="${citizen.data.nationalId}"`);
      expect(shown.html).toMatch(/value="password-sms" checked/);
      expect(shown.html).toContain(`http://localhost:3002/es/password-reset?identification=${id}`);
      expect(shown.html).not.toContain(wrongPassword);
    }
  });

  test('is kept when the language changes, which is in no address and stays', async () => {
    const { id, visitor, page } = await startFlow();
    const address = addressOfRequest(id);
    const typed = { nationalId: '12345678', password: goodPassword, means: 'password-sms', back: address };
    const inBasque = await visitor.submit(page, { ...typed, language: 'eu' }, `${address}/language`);
    expect(isAt(inBasque)).toEqual([200, address]);
    expect(inBasque.html).toContain('<html lang="eu"');
    expect(inBasque.html).toContain('Probetarako agentzia');
    expect(inBasque.html).toContain('value="12345678"');
    expect(inBasque.html).not.toContain(goodPassword);
    expect((await visitor.get('/nowhere')).html).toContain('<html lang="eu"');
    // To no other address.
    for (const back of ['//evil.example', 'https://evil.example', '/identify/a/../../b', ''])
      expect((await visitor.submit(inBasque, { language: 'en', back }, `${address}/language`)).path).toBe(
        address,
      );
  });

  test('the relying party’s language is used until one is chosen', async () => {
    const id = gateway.requests.start(await registerParty(stack), { language: 'gl' });
    expect((await gateway.visitor().get(addressOfRequest(id))).html).toContain('<html lang="gl"');
  });
});

describe('a way out', () => {
  test('cancelling asks first, ends the session and leads back', async () => {
    const citizen = await activeCitizen(stack);
    const { id, visitor, page } = await startFlow();
    await signIn(visitor, page, citizen);
    const leave = await visitor.get(`${addressOfRequest(id)}/leave`);
    expect(leave.html).toContain(`href="${addressOfRequest(id)}/confirmation"`);
    const returned = await visitor.submit(leave, { reason: 'cancelled' });
    expect([returned.path, ended(id)]).toEqual([`/returned/${id}`, 'cancelled']);
    const where = { citizenId: citizen.citizenId };
    await until(
      () => stack.db.prisma.session.count({ where }),
      (count) => count === 0,
    );
  });

  test('for means that never reach the floor says what is missing', async () => {
    const { id, visitor, page } = await startFlow({ floor: 'substantial', means: ['password'] });
    expect(page.html).toContain(t('gateway.no-level.means', { party }));
    expect(page.html).toContain(t('gateway.obstacle.below-floor'));
    await visitor.submit(page, { reason: 'level-not-available' }, `${addressOfRequest(id)}/leave`);
    expect(ended(id)).toBe('level-not-available');
  });

  test('no form leads to another origin, but to the certificate listener', async () => {
    const { id, visitor, page } = await startFlow({ means: ['password'] });
    for (const { headers } of [page, await visitor.get(`${addressOfRequest(id)}/leave`)])
      expect(headers.get('Content-Security-Policy')).toContain("form-action 'self';");
    const { page: withCertificates } = await startFlow();
    const policy = withCertificates.headers.get('Content-Security-Policy');
    expect(policy).toMatch(/form-action 'self' https:\/\/\S+ https:\/\/\*\.\S+;/);
    expect(policy).not.toContain('pruebas.example');
  });

  test('a request that timed out, is over, is another browser’s or unknown has a page of its own', async () => {
    const { id, visitor } = await startFlow();
    expect((await gateway.visitor().get('/identify/unknown')).status).toBe(404);
    gateway.requests.change(id, { expiresAt: new Date(Date.now() - 1) });
    const late = await visitor.get(addressOfRequest(id));
    expect([late.status, late.html]).toEqual([410, expect.stringContaining(t('gateway.ended.timed-out'))]);
    gateway.requests.remove(id);
    const gone = await visitor.get(addressOfRequest(id));
    expect([gone.status, gone.html]).toEqual([410, expect.stringContaining('https://pruebas.example/')]);
    const other = await startFlow();
    gateway.requests.remove(other.id);
    const over = await other.visitor.get(addressOfRequest(other.id));
    expect([over.status, over.html]).toEqual([410, expect.stringContaining(t('gateway.ended.over'))]);
    const lost = await gateway.visitor().get(addressOfRequest(other.id));
    expect([lost.status, lost.html]).toEqual([404, expect.stringContaining(t('gateway.ended.lost'))]);
  });

  test('a form without a token is refused, and what a protocol cannot answer is said', async () => {
    const { id } = await startFlow();
    const forged = await gateway
      .visitor()
      .submit({ path: '', html: '', status: 0, headers: new Headers() }, {}, addressOfRequest(id));
    expect([forged.status, forged.html]).toEqual([403, expect.stringContaining(t('form-not-taken.title'))]);
    const refused = await gateway.visitor().get('/error');
    expect([refused.status, refused.html]).toEqual([400, expect.stringContaining('invalid_redirect_uri')]);
    expect((await gateway.visitor().get('/signed-out')).html).toContain(t('gateway.signed-out.title'));
  });
});

describe('while something is away', () => {
  test('the form keeps what was typed and its idempotency key; the page of the code says so and leads back', async () => {
    const away = await startGatewayPages({ url: 'http://127.0.0.1:1', gatewayKey: stack.gatewayKey });
    try {
      const id = away.requests.start(await registerParty(stack));
      const visitor = away.visitor();
      const page = await visitor.get(addressOfRequest(id));
      const nonceOf = ({ html }: VisitedPage) =>
        /id="sign-in"[\s\S]*?name="nonce" value="([^"]+)"/.exec(html)?.[1];
      const typed = {
        nationalId: '12345678Z',
        password: goodPassword,
        means: 'password',
        nonce: nonceOf(page) ?? '',
      };
      const refused = await visitor.submit(page, typed);
      expect(refused.html).toContain('value="12345678Z"');
      expect(nonceOf(refused)).toBe(nonceOf(page));
      away.requests.isDown = true;
      const down = await visitor.get(addressOfRequest(id));
      expect([down.status, down.html]).toEqual([503, expect.stringContaining(t('unavailable.title'))]);
    } finally {
      away.stop();
    }
  });
});
