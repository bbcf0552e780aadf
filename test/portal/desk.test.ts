import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { addOfficer } from '../../api/office/officers.ts';
import { wordings } from '../../web/views/wording.ts';
import { Citizen } from '../actors/citizen.ts';
import { newPersonalData } from '../actors/personal-data.ts';
import { type PortalVisitor, startServiceWithPages } from '../environment/portal-visitor.ts';

const t = wordings.es;

let service: Awaited<ReturnType<typeof startServiceWithPages>>;
beforeAll(async () => {
  service = await startServiceWithPages();
});
afterAll(() => service?.stop());

const newOfficer = () => addOfficer(service.stack.db, { name: 'Leire Agirre', office: 'Bilbao' });
const signIn = async (visitor: PortalVisitor, key: string) =>
  visitor.submit(await visitor.get('/es/desk/sign-in'), { key });
const atDesk = async (key: string): Promise<PortalVisitor> => {
  const visitor = service.portal.visitor();
  expect((await signIn(visitor, key)).path).toBe('/es/desk');
  return visitor;
};
/** As if the desk had not been used for a quarter of an hour. */
const leave = (officerId: string) =>
  service.stack.db.prisma.deskSession.updateMany({ where: { officerId }, data: { lastUsedAt: new Date(0) } });
const typed = () => ({ ...newPersonalData(), givenName: 'Ana', firstSurname: 'Pi' });

describe('the desk', () => {
  test('shows a form that was refused in another language with what was typed', async () => {
    const visitor = await atDesk((await newOfficer()).key);
    const form = await visitor.get('/es/desk/registration');
    const refused = await visitor.submit(form, { ...typed(), phone: '612' }, '/es/desk/registration');
    expect(refused.html).toContain(t('error.phone.invalid-format'));
    const [, link = ''] = /href="(\/eu\/[^"]+)"/.exec(refused.html) ?? [];
    const inBasque = await visitor.get(link);
    expect(inBasque.html).toContain('value="612"');
    expect(inBasque.html).toContain(wordings.eu('desk.to-review'));
  });

  test('keeps no key, and a copy of its cookie opens nothing once the officer has signed out', async () => {
    const { key } = await newOfficer();
    const visitor = await atDesk(key);
    const home = await visitor.get('/es/desk');
    for (const shown of ['Leire Agirre', 'Bilbao', t('desk.sign-out')]) expect(home.html).toContain(shown);
    expect(home.html).not.toContain('href="/es/sign-in"');
    const sealed = visitor.cookies.get('__Host-clave-desk') ?? '';
    const opened = service.portal.sealedBox.open('portal-cookie', 'desk', sealed);
    expect(JSON.stringify(opened)).toContain('Leire Agirre');
    for (const value of [...visitor.cookies.values(), JSON.stringify(opened)])
      expect(value).not.toContain(key);

    const copy = service.portal.visitor();
    copy.cookies.set('__Host-clave-desk', sealed);
    expect((await copy.get('/es/desk')).path).toBe('/es/desk');
    expect((await visitor.submit(home, {}, '/es/desk/sign-out')).path).toBe('/es/desk/sign-in');
    for (const path of ['/es/desk', '/es/desk/citizen'])
      expect((await copy.get(path)).path).toBe('/es/desk/sign-in');
    // A new sign-in ends the session that the browser had before.
    const [first, second] = [await atDesk(key), service.portal.visitor()];
    second.cookies.set('__Host-clave-desk', first.cookies.get('__Host-clave-desk') ?? '');
    await signIn(first, key);
    expect((await second.get('/es/desk')).path).toBe('/es/desk/sign-in');
  });

  test('keeps what was typed over a new sign-in, for the same officer', async () => {
    const [officer, other] = [await newOfficer(), await newOfficer()];
    const visitor = await atDesk(officer.key);
    const form = await visitor.get('/es/desk/registration');
    const declared = typed();
    await leave(officer.id);
    const ended = await visitor.submit(form, declared, '/es/desk/registration');
    expect(ended.path).toBe('/es/desk/sign-in');
    expect(ended.html).toContain(t('desk.ended'));
    expect(ended.html).not.toContain(declared.nationalId);
    const returned = await visitor.submit(ended, { key: officer.key });
    expect(returned.path).toMatch(/^\/es\/desk\/registration\/[\w-]+$/);
    for (const value of [declared.nationalId, declared.email, 'Ana', 'Pi'])
      expect(returned.html).toContain(`value="${value}"`);

    await leave(officer.id);
    const again = await visitor.submit(returned, declared, '/es/desk/registration');
    const byOther = await visitor.submit(again, { key: other.key });
    expect(byOther.html).toContain(t('desk.register'));
    expect(byOther.html).not.toContain(declared.nationalId);
  });

  test('registers what was reviewed, and says whom a further act concerns and what it replaces', async () => {
    const visitor = await atDesk((await newOfficer()).key);
    const citizen = await new Citizen(service.stack).register();
    const declared = { ...citizen.data, givenName: 'Otra', language: 'es' } as unknown as Record<
      string,
      string
    >;
    const form = await visitor.get('/es/desk/registration');
    const review = await visitor.submit(form, declared, '/es/desk/registration');
    expect(review.path).toMatch(/^\/es\/desk\/review\/[\w-]+$/);
    expect(review.html).toContain(t('desk.known', { status: t('desk.status.registered') }));
    expect(review.html).toContain(t('desk.replaces.name'));
    expect(review.html).not.toContain(t('desk.replaces.phone'));
    expect(
      await service.stack.db.prisma.registrationAct.count({ where: { citizenId: citizen.citizenId } }),
    ).toBe(1);
    const code = await visitor.submit(review, {});
    expect(code.path).toMatch(/^\/es\/desk\/code\/[\w-]+$/);
    expect(code.html).toContain(t('desk.registered-again'));
  });

  test('warns of a phone that another person would lose, and offers that person no code that would lead nowhere', async () => {
    const visitor = await atDesk((await newOfficer()).key);
    const former = await new Citizen(service.stack).register();
    const { nationalId, email, phone } = former.data;
    const declared = { ...typed(), phone };
    const form = await visitor.get('/es/desk/registration');
    const review = await visitor.submit(form, declared, '/es/desk/registration');
    expect(review.html).toContain(t('desk.takes-phone'));
    await visitor.submit(review, {});

    const found = await visitor.submit(await visitor.get('/es/desk/citizen'), { nationalId });
    expect(found.html).toContain(t('desk.phone-yielded'));
    expect(found.html).toContain(t('desk.act-needed'));
    expect(found.html).not.toContain('value="regenerate"');

    const citizen = service.portal.visitor();
    const { activationCode } = former;
    const entry = await citizen.get('/es/activation');
    const told = await citizen.submit(entry, { nationalId, email, activationCode });
    expect([told.status, told.html.includes(t('phone-yielded.act'))]).toEqual([409, true]);
  });

  test('shows a code and its receipt in every language, to the officer who had it issued, for an hour', async () => {
    const [officer, other] = [await newOfficer(), await newOfficer()];
    const visitor = await atDesk(officer.key);
    const form = await visitor.get('/es/desk/registration');
    const review = await visitor.submit(form, typed(), '/es/desk/registration');
    const code = await visitor.submit(review, {});
    const [, shown = '?'] = /data-activation-code>([^<]+)</.exec(code.html) ?? [];
    const inBasque = await visitor.get(code.path.replace('/es/', '/eu/'));
    expect(inBasque.html).toContain(`data-activation-code>${shown}<`);
    for (const path of [code.path, `${code.path}/receipt`]) expect(path).not.toContain(shown);
    const receipt = await visitor.get(`${code.path}/receipt`);
    expect(receipt.headers.get('Content-Type')).toBe('application/pdf');
    expect(receipt.headers.get('Content-Disposition')).toMatch(/^inline/);
    expect(receipt.headers.get('Cache-Control')).toBe('no-store');

    const box = service.portal.sealedBox;
    const id = code.path.split('/').at(-1) ?? '';
    const [name, context] = [`__Host-clave-desk-page-${id}`, `desk-page/${id}`];
    const sealed = box.open('portal-cookie', context, visitor.cookies.get(name));
    const { writtenAtMs, value } = sealed as { writtenAtMs: number; value: object };
    const expired = { writtenAtMs, value: { ...value, untilMs: Date.now() - 1 } };
    visitor.cookies.set(name, box.seal('portal-cookie', context, expired));
    expect((await visitor.get(code.path)).status).toBe(404);
    visitor.cookies.set(name, box.seal('portal-cookie', context, sealed));
    await signIn(visitor, other.key);
    for (const path of [code.path, `${code.path}/receipt`]) {
      const { status, html } = await visitor.get(path);
      expect([status, html.includes(shown)]).toEqual([404, false]);
    }
  });

  test('asks before a suspension, and offers none where it would be refused', async () => {
    const visitor = await atDesk((await newOfficer()).key);
    const citizen = await new Citizen(service.stack).register();
    const { nationalId } = citizen.data;
    const form = await visitor.get('/es/desk/citizen');
    const found = await visitor.submit(form, { nationalId });
    expect(found.path).toMatch(/^\/es\/desk\/citizens\/[\w-]+$/);
    const page = await visitor.get(`${found.path}/suspension`);
    const suspended = await visitor.submit(page, { reason: 'a lost phone' });
    expect(suspended.html).toContain(t('desk.suspended'));
    expect(suspended.html).toContain(nationalId);
    const again = await visitor.get(`${found.path}/suspension`);
    expect([again.path, again.html.includes(t('desk.act-needed'))]).toEqual([found.path, true]);
  });
});
