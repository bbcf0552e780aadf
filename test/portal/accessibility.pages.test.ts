import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { languages } from '../../domain/languages.ts';
import { addressOfPage } from '../../portal/pages.ts';
import { findingsIn, horizontalOverflow } from '../browser/axe.ts';
import { navigate, type Portal, startPortal, submitForm } from '../browser/browser.ts';
import { describeInBrowser } from '../browser/in-browser.ts';
import { matrix, matrixRows, matrixTimeoutMs } from '../browser/page-matrix.ts';
import { pagesFor, visitEveryState } from '../browser/page-states.ts';
import { type Stack, startStack } from '../environment/stack.ts';

// Bytes of a page with its styles, scripts and images, compressed. A decision of this project.
const maxPageBytes = 150_000;

describeInBrowser('every page and every error', () => {
  let stack: Stack;
  let portal: Portal;
  beforeAll(async () => {
    stack = await startStack({ own: true });
    portal = await startPortal(stack);
  });
  afterAll(async () => {
    await portal?.stop();
    await stack?.stop();
  });

  test.each(languages)(
    'in %s axe finds nothing, and no page is wider than its window',
    async (language) => {
      const rows = matrixRows(matrix).filter((row) => row.language === language);
      const page = await portal.openPage({ reducedMotion: 'reduce' });
      const found: string[] = [];
      page.on('pageerror', (error) => found.push(`${page.url()}: ${error.message}`));
      page.on('console', (message) => {
        // Chromium reports the status of a refused form as an error.
        const isOurs = message.type() === 'error' && !message.text().startsWith('Failed to load resource');
        if (isOurs) found.push(`${page.url()}: ${message.text()}`);
      });
      await visitEveryState(stack, language, page, async (_page, state) => {
        const ofState = rows.filter((row) => row.state === state);
        found.push(...(await findingsIn(page, state, ofState)));
      });
      expect(found).toEqual([]);
    },
    matrixTimeoutMs,
  );

  test('no page is heavier than allowed, and none loads anything from another host', async () => {
    const page = await portal.openPage();
    for (const name of pagesFor('anyone')) {
      let bytes = 0;
      const others: string[] = [];
      // Nothing may come from the cache.
      const session = await page.context().newCDPSession(page);
      await session.send('Network.enable');
      await session.send('Network.setCacheDisabled', { cacheDisabled: true });
      session.on('Network.loadingFinished', ({ encodedDataLength }) => {
        bytes += encodedDataLength;
      });
      session.on('Network.requestWillBeSent', ({ request }) => {
        if (!request.url.startsWith(`${portal.url}/`)) others.push(request.url);
      });
      await page.goto(addressOfPage(name, 'es'), { waitUntil: 'networkidle' });
      await session.detach();
      expect([name, bytes < maxPageBytes && bytes > 5_000, others]).toEqual([name, true, []]);
    }
  });

  test('every control is reached and used with the keyboard alone', async () => {
    const page = await portal.openPage();
    await page.goto('/es/activation');
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.textContent.trim()')).toBe(
      'Saltar al contenido principal',
    );
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    const reached: unknown[] = [];
    for (let times = 0; times < 6; times += 1) {
      reached.push(
        await page.evaluate('document.activeElement.id || document.activeElement.textContent.trim()'),
      );
      await page.keyboard.press('Tab');
    }
    expect(reached.slice(0, 4)).toEqual(['nationalId', 'email', 'activationCode', 'Continuar']);
    await page.locator('#nationalId').focus();
    await navigate(page, () => page.keyboard.press('Enter'));
    // A screen reader starts with the error summary.
    expect(await page.evaluate(`document.activeElement.className`)).toBe('govuk-error-summary');
  });

  test('at 400 % nothing is lost and nothing scrolls sideways', async () => {
    // 1280 pixels at 400 % are 320 CSS pixels.
    const page = await portal.openPage({ viewport: { width: 320, height: 256 }, deviceScaleFactor: 4 });
    for (const path of ['', '/activation', '/sign-in', '/faq']) {
      await page.goto(`/eu${path}`);
      expect([path, await horizontalOverflow(page)]).toEqual([path, 0]);
    }
    await page.goto('/eu/sign-in');
    await submitForm(page);
    expect(await horizontalOverflow(page)).toBe(0);
  });

  test('other languages are marked where their names stand', async () => {
    const page = await portal.openPage();
    await page.goto('/es/activation');
    const marks = await page
      .locator('header [lang]')
      .evaluateAll((all) => all.map((one) => one.getAttribute('lang')));
    expect(marks).toEqual([...languages]);
  });
});
