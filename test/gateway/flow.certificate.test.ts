import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { certificateRefusals } from '../../domain/certificates/certificate-refusals.ts';
import { languages } from '../../domain/languages.ts';
import { wordings } from '../../web/views/wording.ts';
import { acceptedCode, present } from '../actors/certificates.ts';
import { activeCitizen, Citizen } from '../actors/citizen.ts';
import { readIdentification, registerParty, type TestParty } from '../actors/relying-parties.ts';
import { queryAsOwner } from '../database/rows.ts';
import { addressOfRequest, type GatewayPages, startGatewayPages } from '../environment/gateway-pages.ts';
import type { PortalVisitor, VisitedPage } from '../environment/portal-visitor.ts';
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

async function startFlow(overrides: Partial<TestParty> = {}) {
  const party = await registerParty(stack, overrides);
  const id = gateway.requests.start(party);
  const visitor = gateway.visitor();
  return { party, id, visitor, page: await visitor.get(addressOfRequest(id)) };
}

/** Presses the button of a means. @returns the id of the ticket with which the browser is sent away */
async function begin(visitor: PortalVisitor, page: VisitedPage, means = 'dnie', typed = {}): Promise<string> {
  const { location = '' } = await visitor.submit(page, { ...typed, certificate: means });
  expect(location).toMatch(/^https:\/\/[0-9a-f]{20}\.identidad\.localhost:3443\/\?ticket=[\w-]+$/);
  return new URL(location).searchParams.get('ticket') ?? '';
}

const codeFor = (ticket: string, { data }: Citizen, profile: 'dnie' | 'fnmt-natural-person' = 'dnie') =>
  acceptedCode(stack, { id: ticket }, data, profile);
const cameBack = (visitor: PortalVisitor, ticket: string, answer: string) =>
  visitor.get(`/certificate?ticket=${ticket}&${answer}`);
const ended = (id: string) => gateway.requests.ended.get(id);

describe('an identification with a certificate', () => {
  test('by the DNIe reaches high, without password and of who is not registered', async () => {
    const person = new Citizen(stack);
    const { party, id, visitor, page } = await startFlow({ floor: 'high' });
    expect(page.html).not.toContain('name="password"');
    expect(page.headers.get('Content-Security-Policy')).toContain(
      "form-action 'self' https://identidad.localhost:3443 https://*.identidad.localhost:3443;",
    );
    const ticket = await begin(visitor, page);
    const confirmation = await cameBack(visitor, ticket, `code=${await codeFor(ticket, person)}`);
    expect(confirmation.path).toBe(`${addressOfRequest(id)}/confirmation`);
    expect(confirmation.html).toContain(t('gateway.means.dnie'));
    expect(confirmation.html).not.toContain(t('my-clave.first-access'));
    await visitor.submit(confirmation, {});
    expect(ended(id)).toMatchObject({ level: 'high', means: 'dnie' });
    const { identificationId } = ended(id) as { identificationId: string };
    const { body } = await readIdentification(stack, party, identificationId);
    expect(body.attributes).toMatchObject({ nationalId: person.data.nationalId });
    expect(body.attributes).not.toHaveProperty('registrationLevel');
    const kept = [...visitor.cookies.values()].join();
    expect(kept).not.toContain(person.data.nationalId);
    const [{ rows = '' } = {}] = await queryAsOwner<{ rows: string }>(
      stack,
      `SELECT concat((SELECT json_agg(a) FROM "OidcArtefact" a), (SELECT json_agg(r) FROM "IdentificationRequest" r)) AS rows`,
    );
    expect(rows).not.toContain(person.data.nationalId);
  });

  test('with another certificate reaches substantial; where the DNIe is asked for it does not, and the page says so', async () => {
    const citizen = await activeCitizen(stack);
    const { id, visitor, page } = await startFlow({ floor: 'substantial' });
    const ticket = await begin(visitor, page, 'certificate', { nationalId: '12345678Z' });
    const code = await codeFor(ticket, citizen, 'fnmt-natural-person');
    await visitor.submit(await cameBack(visitor, ticket, `code=${code}`), {});
    expect(ended(id)).toMatchObject({ level: 'substantial', means: 'certificate' });
    const high = await startFlow({ floor: 'high' });
    const other = await begin(high.visitor, high.page);
    const low = await cameBack(
      high.visitor,
      other,
      `code=${await codeFor(other, citizen, 'fnmt-natural-person')}`,
    );
    expect([low.path, low.html]).toEqual([
      addressOfRequest(high.id),
      expect.stringContaining(t('gateway.notice.step-up')),
    ]);
    expect(low.html).toContain('value="dnie"');
  });

  test('keeps what was typed', async () => {
    const { id, visitor, page } = await startFlow();
    await begin(visitor, page, 'certificate', { nationalId: '12345678', means: 'password-sms' });
    const again = await visitor.get(addressOfRequest(id));
    expect(again.html).toContain('value="12345678"');
    expect(again.html).toMatch(/value="password-sms" checked/);
  });

  test('of who is not registered has a page that says so where a registration is asked for', async () => {
    const { visitor, page } = await startFlow({ registrationFloor: 'advanced' });
    const ticket = await begin(visitor, page, 'certificate');
    const confirmation = await cameBack(visitor, ticket, `code=${await codeFor(ticket, new Citizen(stack))}`);
    const refused = await visitor.submit(confirmation, {});
    expect(refused.html).toContain('http://localhost:3002/es/offices');
    expect(refused.html).toContain('no hay un registro en vigor');
  });

  test('is not offered where the party does not accept it, whatever the browser posts', async () => {
    const { visitor, page } = await startFlow({ means: ['password'] });
    expect(page.html).not.toContain('name="certificate"');
    const refused = await visitor.submit(page, { certificate: 'dnie' });
    expect(refused.location).toBeUndefined();
    expect(refused.html).toContain(t('gateway.error.means'));
  });
});

describe('a certificate that was refused', () => {
  test.each(certificateRefusals)('%s: says what to do, and can be tried again', async (reason) => {
    const { id, visitor, page } = await startFlow();
    const ticket = await begin(visitor, page);
    await present(stack, ticket, { refused: reason });
    // What stands in the address is not believed.
    const refused = await cameBack(visitor, ticket, 'problem=pseudonym');
    expect(refused.path).toBe(`${addressOfRequest(id)}/certificate`);
    const escaped = t(`gateway.certificate.${reason}`);
    expect(refused.html).toContain(escaped);
    for (const language of languages)
      expect(wordings[language](`gateway.certificate.${reason}`)).toMatch(/\.$/);
    const isOlderCard = refused.html.includes('identidad.localhost:3444');
    expect(isOlderCard).toBe(reason === 'none-sent');
    const { location } = await visitor.submit(refused, {});
    expect(location).toContain('?ticket=');
    expect((await visitor.get(`${addressOfRequest(id)}/certificate`)).html).toContain(
      t('gateway.certificate.open'),
    );
  });
});

describe('a visit to the listener', () => {
  test('of another browser opens nothing, and has a page that says so', async () => {
    const person = new Citizen(stack);
    const { visitor, page } = await startFlow();
    const ticket = await begin(visitor, page);
    const code = await codeFor(ticket, person);
    const stranger = await startFlow();
    const lost = await cameBack(stranger.visitor, ticket, `code=${code}`);
    expect([lost.status, lost.html]).toEqual([404, expect.stringContaining(t('gateway.ended.lost'))]);
    // It has spent nothing.
    expect((await cameBack(visitor, ticket, `code=${code}`)).path).toMatch(/confirmation$/);
  });

  test('is redeemed once: a reload goes on, a wrong code and an old visit say to begin anew', async () => {
    const { id, visitor, page } = await startFlow();
    const first = await begin(visitor, page);
    const wrong = await cameBack(visitor, first, `code=${'a'.repeat(43)}`);
    expect(wrong.html).toContain(t('gateway.certificate.ended'));
    const ticket = await begin(visitor, await visitor.get(addressOfRequest(id)));
    const older = await cameBack(visitor, first, `code=${'a'.repeat(43)}`);
    expect(older.path).toBe(`${addressOfRequest(id)}/certificate`);
    const code = await codeFor(ticket, new Citizen(stack));
    for (let times = 0; times < 2; times += 1)
      expect((await cameBack(visitor, ticket, `code=${code}`)).path).toMatch(/confirmation$/);
    const nonsense = await cameBack(visitor, ticket, 'code[]=1&problem=<b>');
    expect([nonsense.status, nonsense.path]).toEqual([200, `${addressOfRequest(id)}/confirmation`]);
    for (const query of ['', '?ticket=', '?ticket[]=1', `?ticket=${'x'.repeat(5_000)}`])
      expect((await visitor.get(`/certificate${query}`)).status).toBe(404);
  });

  test('that lasted too long ends at the first page, in the same request', async () => {
    const { id, visitor, page } = await startFlow();
    const ticket = await begin(visitor, page);
    const code = await codeFor(ticket, new Citizen(stack));
    const confirmation = await cameBack(visitor, ticket, `code=${code}`);
    await stack.db.prisma.certificateIdentification.update({
      where: { ticketId: ticket },
      data: { tokenExpiresAt: new Date() },
    });
    const over = await visitor.submit(confirmation, {});
    expect([over.path, over.html]).toEqual([
      addressOfRequest(id),
      expect.stringContaining(t('gateway.notice.session-ended')),
    ]);
  });

  test('while the API is away is not begun, and the page says so', async () => {
    const away = await startGatewayPages({ url: 'http://127.0.0.1:1', gatewayKey: stack.gatewayKey });
    try {
      const id = away.requests.start(await registerParty(stack));
      const visitor = away.visitor();
      const page = await visitor.submit(await visitor.get(addressOfRequest(id)), { certificate: 'dnie' });
      expect([page.status, page.html]).toEqual([200, expect.stringContaining('govuk-error-summary')]);
    } finally {
      away.stop();
    }
  });
});
