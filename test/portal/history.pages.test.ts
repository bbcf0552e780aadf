import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { wordings } from '../../web/views/wording.ts';
import { Citizen } from '../actors/citizen.ts';
import { newPersonalData } from '../actors/personal-data.ts';
import { errorSummary, heading, type Portal, startPortal, submitForm } from '../browser/browser.ts';
import { describeInBrowser } from '../browser/in-browser.ts';
import { enterCode } from '../browser/portal-steps.ts';
import { type Stack, startStack } from '../environment/stack.ts';
import { startTcpProxy } from '../environment/tcp-proxy.ts';

const t = wordings.es;

describeInBrowser('the way back', () => {
  let stack: Stack;
  let portal: Portal;
  let proxy: Awaited<ReturnType<typeof startTcpProxy>>;
  beforeAll(async () => {
    stack = await startStack();
    proxy = await startTcpProxy(stack.url);
    portal = await startPortal({ url: proxy.url, frontEndKey: stack.frontEndKey });
  });
  afterAll(async () => {
    await portal?.stop();
    proxy?.close();
    await stack?.stop();
  });

  test('leads through forms that were refused and forms that could not be sent', async () => {
    const [citizen, page] = [await new Citizen(stack).register(), await portal.openPage()];
    await page.goto('/es/activation');
    await submitForm(page);
    expect(await errorSummary(page)).toHaveLength(3);
    proxy.cut();
    await enterCode(page, citizen);
    expect((await errorSummary(page))[0]).toContain('El servicio no está disponible');
    proxy.restore();
    await submitForm(page, { activationCode: citizen.activationCode });
    expect(await heading(page)).toBe(t('otp.title'));
    for (let back = 0; back < 2; back += 1) {
      await page.goBack();
      expect([await heading(page), new URL(page.url()).pathname]).toEqual([
        t('page.activation'),
        '/es/activation',
      ]);
      expect(await errorSummary(page)).toEqual([]);
    }
    await page.goForward();
    await page.goForward();
    expect(await heading(page)).toBe(t('otp.title'));
  });

  test('leads to what an officer typed before it was refused', async () => {
    const page = await portal.openPage();
    await page.goto('/es/desk');
    await submitForm(page, { key: stack.officeKey });
    await page.goto('/es/desk/registration');
    const { nationalId, email, phone } = newPersonalData();
    await submitForm(page, { nationalId, email, phone: '612', givenName: 'Ana', firstSurname: 'Pi' });
    expect(await errorSummary(page)).toEqual([t('error.phone.invalid-format')]);
    await submitForm(page, { phone });
    expect(await heading(page)).toBe(t('desk.review'));
    await page.goBack();
    expect(await heading(page)).toBe(t('desk.register'));
    expect([await page.inputValue('#nationalId'), await page.inputValue('#email')]).toEqual([
      nationalId,
      email,
    ]);
  });
});
