import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { axeViolations } from '../browser/axe.ts';
import { type Portal, startPortal } from '../browser/browser.ts';
import { describeInBrowser } from '../browser/in-browser.ts';
import { type Stack, startStack } from '../environment/stack.ts';

describeInBrowser('the page of the API', () => {
  let stack: Stack;
  let portal: Portal;
  beforeAll(async () => {
    stack = await startStack();
    portal = await startPortal(stack);
  });
  afterAll(async () => {
    await portal?.stop();
    await stack?.stop();
  });

  test('names every list for screen readers', async () => {
    const page = await portal.openPage();
    await page.goto(`${stack.url}/docs`);
    await page.waitForSelector('#servers');
    await page.locator('.opblock-post .opblock-summary-control').first().click();
    await page.waitForSelector('.content-type');
    const found = await axeViolations(page);
    expect(found.filter((violation) => /: (select-name|label): /.test(violation))).toEqual([]);
  });
});
