import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { wordings } from '../../web/views/wording.ts';
import { activeCitizen, Citizen } from '../actors/citizen.ts';
import { goodPassword, wrongCode, wrongOtp } from '../actors/credentials.ts';
import { errorSummary, heading, type Portal, startPortal, submitForm } from '../browser/browser.ts';
import { describeInBrowser } from '../browser/in-browser.ts';
import { choosePassword, enterCode, enterOtp, signInAt } from '../browser/portal-steps.ts';
import { type Stack, startStack } from '../environment/stack.ts';
import { startTcpProxy } from '../environment/tcp-proxy.ts';
import { until } from '../environment/waiting.ts';

const t = wordings.es;

describeInBrowser('whatever people do with a browser', () => {
  let stack: Stack;
  let portal: Portal;
  beforeAll(async () => {
    stack = await startStack({ policy: { otp: { resendAfter: 'PT1S' } } });
    portal = await startPortal(stack);
  });
  afterAll(async () => {
    await portal?.stop();
    await stack?.stop();
  });
  const begun = async (scripts = true) => {
    const [citizen, page] = [await new Citizen(stack).register(), await portal.openPage({ scripts })];
    await page.goto('/es/activation');
    await enterCode(page, citizen);
    return { citizen, page };
  };

  test('a reload at each step shows that step', async () => {
    const { citizen, page } = await begun();
    await page.reload();
    expect(await heading(page)).toBe(t('otp.title'));
    await enterOtp(page, citizen);
    await page.reload();
    expect(await heading(page)).toBe(t('new-password.title'));
    await choosePassword(page);
    await page.reload();
    expect(await heading(page)).toContain(t('done.activated'));
    expect(citizen.otps()).toHaveLength(1);
  });

  test('an SMS code whose answer is slow is not overtaken by a status update', async () => {
    const [citizen, page] = [await activeCitizen(stack), await portal.openPage({ scripts: true })];
    let answer = () => {};
    const answered = new Promise<void>((resolve) => {
      answer = resolve;
    });
    await page.route('**/state', async (route) => {
      await answered;
      await route.continue();
    });
    await page.route('**/journeys/*', async (route) => {
      if (route.request().method() !== 'POST') return route.continue();
      const response = await route.fetch({ maxRedirects: 0 });
      answer();
      await sleep(1_500);
      await route.fulfill({ response });
    });
    const asked = page.waitForRequest('**/state');
    await signInAt(page, citizen, { reinforced: true });
    await asked;
    await enterOtp(page, citizen, 2);
    expect(await page.locator('main').innerText()).toContain(t('my-clave.reinforced'));
  });

  test.each([true, false])('a reload after an error counts nothing twice (scripts: %s)', async (scripts) => {
    const { citizen, page } = await begun(scripts);
    await submitForm(page, { otp: wrongOtp(await citizen.otp()) });
    for (let times = 0; times < 3; times += 1) await page.reload();
    await submitForm(page, { otp: wrongOtp(await citizen.otp()) });
    expect(await page.locator('main').innerText()).toContain(t('otp.attempts', { left: 1 }));
  });

  test('going back to an earlier step leads on to the one that the journey is at', async () => {
    const { citizen, page } = await begun(false);
    await enterOtp(page, citizen);
    expect(await heading(page)).toBe(t('new-password.title'));
    await page.goBack();
    await page.goForward();
    expect(await heading(page)).toBe(t('new-password.title'));
    const other = await page.context().newPage();
    await other.goto(page.url());
    await choosePassword(other);
    await choosePassword(page);
    expect(await heading(page)).toContain(t('done.activated'));
  });

  test('a double click begins one journey and sends one SMS', async () => {
    const [citizen, page] = [await new Citizen(stack).register(), await portal.openPage({ scripts: false })];
    await page.goto('/es/activation');
    const { nationalId, email } = citizen.data;
    await page.fill('#nationalId', nationalId);
    await page.fill('#email', email);
    await page.fill('#activationCode', citizen.activationCode);
    await page.locator('main button[type=submit]').dblclick();
    await page.waitForURL(/journeys/);
    await enterOtp(page, citizen);
    expect(await heading(page)).toBe(t('new-password.title'));
    expect(citizen.otps()).toHaveLength(1);
  });

  test('of two tabs the later one goes on, and the earlier says so', async () => {
    const { citizen, page } = await begun();
    await citizen.otp();
    const later = await page.context().newPage();
    await later.goto('/es/activation');
    await enterCode(later, citizen);
    // The page may be reloading itself at this moment, which aborts this reload.
    await page.reload().catch(() => page.reload());
    expect(await heading(page)).toBe(t('ended.superseded'));
    await enterOtp(later, citizen, 2);
    await choosePassword(later);
    expect(await heading(later)).toContain(t('done.activated'));
  });

  test('another code can be had; the page counts down to it', async () => {
    const { citizen, page } = await begun();
    await citizen.otp();
    const button = page.locator('[data-resend] button');
    await page.locator('[data-resend] button:not([disabled])').waitFor();
    expect(await page.locator('[data-resend-text]').innerText()).toBe(t('otp.resend-now'));
    expect(await page.locator('[data-expires]').innerText()).toMatch(/Queda[n]? \d+ (minuto|segundo)/);
    await button.click();
    await page.waitForSelector('.govuk-notification-banner');
    expect(await page.locator('main').innerText()).toContain(t('otp.resent'));
    await page.reload();
    expect(await page.locator('main').innerText()).not.toContain(t('otp.resent'));
    await enterOtp(page, citizen, 2);
    expect(await heading(page)).toBe(t('new-password.title'));
  });

  test('too early for another code without scripts: the page says when', async () => {
    const { citizen, page } = await begun(false);
    await citizen.otp();
    await submitForm(page, {}, 'form[data-resend]');
    // On a slow machine the wait may be over: then another code is sent.
    const told = await errorSummary(page);
    expect(told.length === 0 || /Faltan? \d+ segundo/.test(told[0] ?? '')).toBe(true);
  });

  test('the page says by itself how far the text has come', async () => {
    const [citizen, page] = [await new Citizen(stack).register(), await portal.openPage()];
    stack.phone.addFault({ to: citizen.data.phone, delayMs: 4_000, times: 1 });
    await page.goto('/es/activation');
    await enterCode(page, citizen);
    const place = page.locator('[data-delivery]');
    expect(await place.innerText()).toBe(t('otp.delivery.pending'));
    const on = await until(
      () => place.getAttribute('data-delivery'),
      (delivery) => delivery !== 'pending',
    );
    expect(await place.innerText()).toBe(t(on === 'sent' ? 'otp.delivery.sent' : 'otp.delivery.delivered'));
  });

  test('a citizen who has signed out and goes back can sign in again', async () => {
    const [citizen, page] = [await activeCitizen(stack), await portal.openPage()];
    await signInAt(page, citizen);
    await submitForm(page);
    await page.goBack();
    await page.goBack();
    if (!page.url().endsWith('/sign-in')) await page.goto('/es/sign-in');
    await submitForm(page, { nationalId: citizen.data.nationalId, password: goodPassword });
    expect(await heading(page)).toBe(t('my-clave.hello', { name: 'Begoña' }));
  });

  test('another browser knows nothing of a journey', async () => {
    const { page } = await begun();
    const stranger = await portal.openPage();
    const answer = await stranger.goto(page.url());
    expect(answer?.status()).toBe(404);
    expect(await heading(stranger)).toBe(t('ended.lost'));
  });

  test('without cookies a form is refused with words that help', async () => {
    const page = await portal.openPage({ scripts: false });
    await page.goto('/es/activation');
    await page.context().clearCookies();
    await submitForm(page, { nationalId: '12345678Z', email: 'ana@example.org', activationCode: wrongCode });
    expect(await heading(page)).toBe(t('form-not-taken.title'));
  });

  test('what was typed stays when the language is changed, but for the code', async () => {
    const page = await portal.openPage();
    await page.goto('/es/activation');
    await page.fill('#nationalId', '12345678Z');
    await page.fill('#activationCode', wrongCode);
    await page.locator('header a[hreflang=gl]').click();
    await page.waitForURL(/\/gl\/activation/);
    expect([await page.inputValue('#nationalId'), await page.inputValue('#activationCode')]).toEqual([
      '12345678Z',
      '',
    ]);
    expect(await page.evaluate('sessionStorage.length')).toBe(0);
  });

  test('the language can be changed in the middle of a journey', async () => {
    const { citizen, page } = await begun();
    expect(await page.locator('main h1').innerText()).toContain(t('journey.step', { number: 2, count: 3 }));
    await page.locator('header a[hreflang=eu]').click();
    expect(await heading(page)).toBe(wordings.eu('otp.title'));
    await enterOtp(page, citizen);
    await choosePassword(page);
    expect(await heading(page)).toContain(wordings.eu('done.activated'));
  });

  test('what is pasted with a whole message becomes the code', async () => {
    const { citizen, page } = await begun();
    const otp = await citizen.otp();
    const text = JSON.stringify(citizen.smsMessages().find((message) => message.includes(otp)));
    await page.evaluate(`(() => {
      const data = new DataTransfer();
      data.setData('text', ${text});
      document.querySelector('#otp').dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
    })()`);
    expect(await page.inputValue('#otp')).toBe(otp);
  });

  test('rules are ticked off while a password is typed, and nothing is sent', async () => {
    const { citizen, page } = await begun();
    await enterOtp(page, citizen);
    const asked: string[] = [];
    // An asset of the page may still be loading.
    page.on('request', (request) => !request.url().includes('/assets/') && asked.push(request.url()));
    const state = (rule: string) => page.locator(`[data-rule=${rule}]`).getAttribute('data-state');
    expect(await Promise.all(['free-choice', 'too-short'].map(state))).toEqual(['unmet', 'unmet']);
    await page.fill('#newPassword', 'Abc-1234');
    expect(await Promise.all(['too-short', 'needs-digit', 'needs-special'].map(state))).toEqual(
      Array(3).fill('met'),
    );
    expect(await page.locator('[data-hint-text]').innerText()).toContain('secuencias');
    await page.fill('#newPassword', 'nunca llueve en 2030');
    expect(await Promise.all(['free-choice', 'needs-upper-case'].map(state))).toEqual(['met', 'met']);
    // What a screen reader says of the field is one line, and the repetition follows it.
    const description = await page.getAttribute('#newPassword', 'aria-describedby');
    expect((await page.locator(`#${description}`).innerText()).length).toBeLessThan(140);
    expect(await page.inputValue('[name=username]')).toBe(citizen.data.nationalId);
    await page.locator('.govuk-js-password-input-toggle').first().click();
    expect(await page.getAttribute('#newPassword', 'type')).toBe('text');
    expect(asked).toEqual([]);
  });
});

describeInBrowser('when the service cannot be reached', () => {
  test('pages are read, forms say so, and the journey goes on once it is back', async () => {
    const stack = await startStack({ own: true });
    const proxy = await startTcpProxy(stack.url);
    const portal = await startPortal({ url: proxy.url, frontEndKey: stack.frontEndKey });
    const [citizen, page] = [await new Citizen(stack).register(), await portal.openPage()];
    proxy.cut();
    for (const path of ['', '/faq', '/password-features', '/activation'])
      expect((await page.goto(`/es${path}`))?.status()).toBe(200);
    // The rules of our own files.
    await page.goto('/es/password-features');
    expect(await page.locator('[data-rule]').count()).toBeGreaterThan(8);
    await page.goto('/es/activation');
    await enterCode(page, citizen);
    expect((await errorSummary(page))[0]).toContain('El servicio no está disponible');
    proxy.restore();
    await enterCode(page, citizen);
    const otp = await citizen.otp();
    proxy.cut();
    await submitForm(page, { otp });
    expect(await heading(page)).toBe(t('unavailable.title'));
    proxy.restore();
    // A reload sends the form again.
    await page.reload();
    expect(await heading(page)).toBe(t('new-password.title'));
    await choosePassword(page);
    expect(await heading(page)).toContain(t('done.activated'));
    await portal.stop();
    proxy.close();
    await stack.stop();
  });

  test('a journey left alone says that its time has run out', async () => {
    const stack = await startStack({ policy: { visitLife: 'PT3S' } });
    const portal = await startPortal(stack);
    const [citizen, page] = [await new Citizen(stack).register(), await portal.openPage()];
    await page.goto('/es/activation');
    await enterCode(page, citizen);
    // The page reloads itself while the SMS is on its way: a reading that meets that navigation is repeated.
    const reloadedHeading = async () => {
      await page.reload();
      return heading(page);
    };
    const shown = await until(
      () => reloadedHeading().catch(() => t('otp.title')),
      (title) => title !== t('otp.title'),
    );
    expect(shown).toBe(t('ended.timed-out'));
    await portal.stop();
    await stack.stop();
  });
});
