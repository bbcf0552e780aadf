import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { CertificateRefusal } from '../../domain/certificates/certificate-refusals.ts';
import { certificateRefusals } from '../../domain/certificates/certificate-refusals.ts';
import type { CertificateProfile } from '../../domain/certificates/profiles.ts';
import { languages } from '../../domain/languages.ts';
import type { CertificateAct } from '../../portal/certificate/acts.ts';
import { certifiedAs, present } from '../actors/certificates.ts';
import { activeCitizen, Citizen } from '../actors/citizen.ts';
import { goodPassword, otherPassword } from '../actors/credentials.ts';
import { otpOfJourney } from '../actors/journey.ts';
import { signIn } from '../actors/sessions.ts';
import {
  type PortalInProcess,
  type PortalVisitor,
  startServiceWithPages,
  type VisitedPage,
} from '../environment/portal-visitor.ts';
import type { Stack } from '../environment/stack.ts';

let stack: Stack;
let portal: PortalInProcess;
let stop: () => Promise<void>;
beforeAll(async () => {
  ({ stack, portal, stop } = await startServiceWithPages());
});
afterAll(() => stop());

/** The last part of a page's path: the ticket of a visit, the id of a journey. */
const idIn = ({ path }: VisitedPage): string => path.split('/').at(-1) ?? '';

/** Begins an act: the page that leads to the listener. */
const begin = async (visitor: PortalVisitor, act: CertificateAct, language = 'es'): Promise<VisitedPage> =>
  visitor.submit(await visitor.get(`/${language}/certificate`), { act });

/** What the listener tells the API, and the address to which it sends the browser back, without the origin. */
async function answerOf(ticket: string, outcome: Parameters<typeof present>[2]): Promise<string> {
  const { pathname, search } = new URL((await present(stack, ticket, outcome)).body.location);
  return `${pathname}${search}`;
}

/** An act up to the page on which it is confirmed, with the certificate of this person. */
async function certified(
  visitor: PortalVisitor,
  act: CertificateAct,
  { data }: Pick<Citizen, 'data'>,
  profile: CertificateProfile = 'dnie',
): Promise<VisitedPage> {
  const ticket = idIn(await begin(visitor, act));
  return visitor.get(await answerOf(ticket, { accepted: certifiedAs(data, profile) }));
}

describe('with a certificate one', () => {
  test('registers, sees the activation code and opens its receipt, without a code in any address', async () => {
    const citizen = new Citizen(stack);
    const { email, phone, givenName } = citizen.data;
    const visitor = portal.visitor();
    const form = await certified(visitor, 'registration', citizen);
    expect(form.path).toMatch(/^\/es\/certificate\/[\w-]+$/);
    expect(form.html).toContain(givenName);
    const unaccepted = await visitor.submit(form, { email, phone });
    expect([unaccepted.status, unaccepted.html]).toEqual([
      422,
      expect.stringContaining('acepte las condiciones'),
    ]);
    const otp = await visitor.submit(unaccepted, { email, phone, accept: 'yes' });
    const issued = await visitor.submit(otp, { action: 'otp', otp: await otpOfJourney(stack, idIn(otp)) });
    const [code = ''] = /[0-9A-Z]{5}-[0-9A-Z]{5}/.exec(issued.html) ?? [];
    expect(issued.path).toMatch(/^\/es\/certificate\/issued\//);
    expect((await visitor.get(issued.path)).html).toContain(code);
    const receipt = await visitor.get(`${issued.path}/receipt`);
    expect([receipt.status, receipt.headers.get('content-type')]).toEqual([200, 'application/pdf']);
    expect(receipt.html.startsWith('%PDF-1.7')).toBe(true);
    expect((await portal.visitor().get(`${issued.path}/receipt`)).status).toBe(404);
    citizen.activationCode = code;
    await citizen.activateOrReset(goodPassword);
    expect((await signIn(stack, citizen)).status).toBe(201);
  });

  test('signs in and sees how the identity was proved', async () => {
    const visitor = portal.visitor();
    const overview = await visitor.submit(
      await certified(visitor, 'sign-in', await activeCitizen(stack), 'accv-citizen'),
      {},
    );
    expect(overview.path).toBe('/es/my-clave');
    expect(overview.html).toContain('Identidad acreditada en persona');
  });

  test('gets another activation code', async () => {
    const citizen = await activeCitizen(stack);
    const visitor = portal.visitor();
    const issued = await visitor.submit(await certified(visitor, 'code-regeneration', citizen), {});
    [citizen.activationCode = ''] = /[0-9A-Z]{5}-[0-9A-Z]{5}/.exec(issued.html) ?? [];
    expect((await citizen.activateOrReset(otherPassword)).status).toBe(200);
  });

  test('changes the password without an SMS code', async () => {
    const citizen = await activeCitizen(stack);
    const visitor = portal.visitor();
    const form = await certified(visitor, 'password-change', citizen);
    const refused = await visitor.submit(form, { newPassword: 'corta', repeat: 'corta' });
    expect(refused.status).toBe(422);
    const done = await visitor.submit(refused, { newPassword: otherPassword, repeat: otherPassword });
    expect(done.status).toBe(200);
    expect((await signIn(stack, citizen, otherPassword)).status).toBe(201);
  });

  test('unsubscribes', async () => {
    const citizen = await activeCitizen(stack);
    const visitor = portal.visitor();
    expect((await visitor.submit(await certified(visitor, 'unsubscription', citizen), {})).status).toBe(200);
    expect((await signIn(stack, citizen)).status).toBe(401);
  });

  test('renews the five years with the DNIe, and is told why another certificate does not', async () => {
    const citizen = await activeCitizen(stack);
    const visitor = portal.visitor();
    const other = await certified(visitor, 'identification-renewal', citizen, 'fnmt-natural-person');
    const refused = await visitor.submit(other, {});
    expect([refused.status, refused.html]).toEqual([403, expect.stringContaining('DNI electrónico')]);
    const renewed = await visitor.submit(await certified(visitor, 'identification-renewal', citizen), {});
    expect(renewed.html).toContain('Identificación renovada');
    expect((await visitor.get(`${renewed.path}/receipt`)).status).toBe(200);
  });
});

describe('a visit', () => {
  test.each(languages)('that ends with a refusal says what to do, in %s', async (language) => {
    const visitor = portal.visitor();
    const pages = new Set<string>();
    for (const refused of certificateRefusals.slice(0, 3) as readonly CertificateRefusal[]) {
      const ticket = idIn(await begin(visitor, 'registration', language));
      const page = await visitor.get((await answerOf(ticket, { refused })).replace('/es/', `/${language}/`));
      expect(page.status).toBe(200);
      pages.add(/role="alert">([^<]+)</.exec(page.html)?.[1] ?? '');
    }
    expect(pages.size).toBe(3);
    expect(pages).not.toContain('');
  });

  test('of another browser yields nothing, nor does a code that is sent twice', async () => {
    const [mine, other] = [portal.visitor(), portal.visitor()];
    const ticket = idIn(await begin(mine, 'sign-in'));
    const back = await answerOf(ticket, { accepted: certifiedAs((await activeCitizen(stack)).data) });
    expect((await other.get(back)).status).toBe(404);
    const form = await mine.get(back);
    expect(form.status).toBe(200);
    expect((await mine.get(back)).html).toContain(ticket);
    expect((await mine.submit(form, {})).path).toBe('/es/my-clave');
    expect((await mine.submit(form, {})).status).toBe(404);
  });

  test('leads to the listener by a link, to an older card by another', async () => {
    const page = await begin(portal.visitor(), 'registration');
    const links = [...page.html.matchAll(/href="(https:\/\/[^"]+)"/g)].map(([, link = '']) => new URL(link));
    expect(links.map(({ port }) => port)).toEqual(['3443', '3444']);
    for (const { searchParams } of links) expect(searchParams.get('ticket')).toBe(idIn(page));
  });

  test('for no act, or an unknown one, is refused', async () => {
    const visitor = portal.visitor();
    const list = await visitor.get('/es/certificate');
    expect((await visitor.submit(list, {})).status).toBe(400);
    expect((await visitor.submit(list, { act: 'constructor' })).status).toBe(400);
    expect((await visitor.get('/es/certificate/nothing')).status).toBe(404);
  });
});
