import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { wordings } from '../../web/views/wording.ts';
import { activeCitizen, Citizen } from '../actors/citizen.ts';
import { lookUp } from '../actors/office.ts';
import { newPersonalData } from '../actors/personal-data.ts';
import { errorSummary, heading, navigate, type Portal, startPortal, submitForm } from '../browser/browser.ts';
import { describeInBrowser } from '../browser/in-browser.ts';
import { activate } from '../browser/portal-steps.ts';
import { type Stack, startStack } from '../environment/stack.ts';

const t = wordings.es;

describeInBrowser('the registration desk', () => {
  let stack: Stack;
  let portal: Portal;
  const log: string[] = [];
  beforeAll(async () => {
    stack = await startStack({ own: true });
    portal = await startPortal(stack, { write: (line) => log.push(line) });
  });
  afterAll(async () => {
    await portal?.stop();
    await stack?.stop();
  });
  const open = async (scripts = true) => {
    const page = await portal.openPage({ scripts });
    await page.goto('/es/desk');
    await submitForm(page, { key: stack.officeKey });
    expect(await heading(page)).toBe(t('page.desk'));
    return page;
  };

  test.each([true, false])(
    'registers a citizen, whose code opens an activation (scripts: %s)',
    async (scripts) => {
      const page = await open(scripts);
      await page.goto('/es/desk/registration');
      const citizen = new Citizen(stack);
      const { nationalId, email, phone } = citizen.data;
      // Without the country code, in groups.
      const spoken = phone.replace(/^\+34(...)(...)/, '$1 $2 ');
      await submitForm(page, { nationalId, email, phone: spoken, givenName: 'Ana', firstSurname: 'Pi' });
      expect(await heading(page)).toBe(t('desk.review'));
      expect(await page.locator('[data-replaces]').count()).toBe(0);
      // What is to be corrected is still there, and is reviewed again.
      await navigate(page, () => page.getByText(t('desk.correct')).click());
      await submitForm(page, { firstSurname: 'Puig' });
      expect(await stack.db.prisma.citizen.count({ where: { nationalId } })).toBe(0);
      await submitForm(page);
      expect(await heading(page)).toBe(t('desk.registered'));
      citizen.activationCode = await page.locator('[data-activation-code]').innerText();
      // A reload shows the same code and registers no second citizen; another language shows it too, and whose it is.
      await page.reload();
      await navigate(page, () => page.getByRole('link', { name: 'Euskara' }).click());
      expect(await page.locator('html').getAttribute('lang')).toBe('eu');
      const main = await page.locator('main').innerText();
      for (const shown of [citizen.activationCode, 'Ana Puig', nationalId]) expect(main).toContain(shown);
      const link = page.locator('main a[href$="/receipt"]');
      expect(await link.getAttribute('target')).toBe('_blank');
      const receipt = await page.context().request.get((await link.getAttribute('href')) ?? '');
      expect(receipt.headers()['content-disposition']).toMatch(/^inline/);
      const document = (await receipt.body()).toString('latin1');
      expect(document.slice(0, 8)).toBe('%PDF-1.7');
      expect(document).toContain('/StructTreeRoot');
      const citizensPage = await portal.openPage({ scripts });
      await activate(citizensPage, citizen);
      expect(await heading(citizensPage)).toContain(t('done.activated'));
    },
  );

  test('says what is wrong with what was declared, and that a phone is taken', async () => {
    const page = await open();
    const taken = await activeCitizen(stack);
    await page.goto('/es/desk/registration');
    await submitForm(page);
    expect(await errorSummary(page)).toHaveLength(5);
    expect(await errorSummary(page)).toEqual(
      expect.arrayContaining([t('desk.error.nationalId.required'), t('desk.error.email.required')]),
    );
    await page.fill('#nationalId', '12345678A');
    expect(await page.locator('#nationalId + p').innerText()).toContain(t('desk.id-wrong'));
    await page.fill('#nationalId', '12345678Z');
    expect(await page.locator('#nationalId + p').innerText()).toContain(t('desk.id-right'));
    const { nationalId, email } = newPersonalData();
    await submitForm(page, { nationalId, email, phone: '612', givenName: 'Ana', firstSurname: 'Pi2' });
    expect(await errorSummary(page)).toEqual([
      t('error.firstSurname.invalid-format'),
      t('error.phone.invalid-format'),
    ]);
    await submitForm(page, { phone: taken.data.phone, firstSurname: 'Pi' });
    expect((await errorSummary(page))[0]).toContain('figura en el registro de otra persona');
  });

  test('looks a citizen up, issues another code and suspends', async () => {
    const page = await open();
    const citizen = await new Citizen(stack).register();
    const { nationalId } = citizen.data;
    await page.goto('/es/desk/citizen');
    await submitForm(page, { nationalId: '00000001R' });
    expect((await errorSummary(page))[0]).toContain('No consta en Cl@ve');
    await submitForm(page, { nationalId });
    const found = await page.locator('main').innerText();
    for (const shown of [t('desk.status.registered'), 'Begoña Etxeberria Núñez', nationalId])
      expect(found).toContain(shown);
    expect(page.url()).not.toContain(nationalId);
    await submitForm(page, {}, 'form:has([value=regenerate])');
    const code = await page.locator('[data-activation-code]').innerText();
    expect(code).not.toBe(citizen.activationCode);
    await page.goto('/es/desk/citizen');
    await submitForm(page, { nationalId });
    await navigate(page, () => page.locator('main a[href$="/suspension"]').click());
    expect(await heading(page)).toBe(t('desk.suspend-confirm'));
    expect(await page.locator('main').innerText()).toContain('Begoña Etxeberria Núñez');
    await submitForm(page);
    expect(await errorSummary(page)).toEqual([t('error.reason.required')]);
    await submitForm(page, { reason: 'Teléfono perdido' });
    expect(await heading(page)).toBe(t('desk.suspended'));
    expect((await lookUp(stack, citizen)).body.status).toBe('suspended');
    // Nothing that would be refused is offered.
    await page.goto('/es/desk/citizen');
    await submitForm(page, { nationalId });
    expect(await page.locator('main').innerText()).toContain(t('desk.act-needed'));
    expect(
      await page.locator('main form:not([action$="/renewal"]), main a[href$="/suspension"]').count(),
    ).toBe(0);
  });

  test('the key is in no cookie in clear, and is sent to no other host', async () => {
    const page = await open();
    const [cookie] = (await page.context().cookies()).filter(({ name }) => name === '__Host-clave-desk');
    expect(cookie).toMatchObject({
      httpOnly: true,
      secure: true,
      sameSite: 'Strict',
      path: '/',
      expires: -1,
    });
    const kept = `${cookie?.value} ${Buffer.from(cookie?.value.split('.').at(-1) ?? '', 'base64url').toString('latin1')}`;
    expect(kept).not.toContain(stack.officeKey);
    expect(await page.content()).not.toContain(stack.officeKey);
    expect(log.join('')).not.toContain(stack.officeKey);
  });

  test('a wrong key opens nothing, and nothing is seen without one', async () => {
    const page = await portal.openPage();
    for (const path of ['desk', 'desk/registration', 'desk/citizen']) {
      await page.goto(`/es/${path}`);
      expect(page.url()).toMatch(/desk\/sign-in$/);
    }
    for (const key of ['wrong', 'ñ', ' ']) await submitForm(page, { key });
    await submitForm(page, { key: 'office_wrong' });
    expect(await errorSummary(page)).toEqual([t('desk.key-refused')]);
  });

  test('a key that has been revoked closes the desk', async () => {
    const page = await open();
    const officer = await stack.db.prisma.officer.findFirstOrThrow({ where: { revokedAt: null } });
    const revoke = (revokedAt: Date | null) =>
      stack.db.prisma.officer.update({ where: { id: officer.id }, data: { revokedAt } });
    await revoke(new Date());
    await page.goto('/es/desk/citizen');
    expect(page.url()).toMatch(/desk\/sign-in\?ended=1$/);
    await revoke(null);
  });

  test('nothing of the desk is kept on the way', async () => {
    const page = await open();
    const answer = await page.goto('/es/desk');
    expect(answer?.headers()['cache-control']).toBe('no-store');
  });
});
