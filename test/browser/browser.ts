import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { readPortalSettings } from '../../platform/config.ts';
import { createLog } from '../../platform/log.ts';
import { createPortal } from '../../portal/app.ts';
import { createPageServer } from '../../web/http/page-server.ts';
import type { Stack } from '../environment/stack.ts';
import { chromiumPath } from './chromium.ts';

// Chromium has no sandbox when it runs as root. The browser connects to this machine only.
const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-dev-shm-usage',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** A browser for the pages of one origin. */
export interface PageBrowser {
  readonly browser: Browser;
  /** Opens a page in a new browser context, without cookies and cache. `scripts: false` disables JavaScript. */
  openPage(options?: BrowserContextOptions & { scripts?: boolean }): Promise<Page>;
}

/** A portal that listens, and a browser. */
export interface Portal extends PageBrowser {
  readonly url: string;
  stop(): Promise<void>;
}

/** Launches a browser; relative addresses are below `url`. */
export async function launchBrowser(url: string): Promise<PageBrowser> {
  const browser = await chromium.launch({ executablePath: chromiumPath ?? '', args: flags });
  return {
    browser,
    async openPage({ scripts = true, ...options } = {}) {
      const context = await browser.newContext({ baseURL: url, javaScriptEnabled: scripts, ...options });
      context.setDefaultTimeout(20_000);
      return context.newPage();
    },
  };
}

/** Starts a portal for an API, and a browser. `logTo` receives the portal's log. */
export async function startPortal(
  { url: API_URL, frontEndKey: FRONT_END_KEY }: Pick<Stack, 'url' | 'frontEndKey'>,
  logTo?: { write(line: string): void },
): Promise<Portal> {
  const PORTAL_COOKIE_KEY = `c1:${randomBytes(32).toString('base64')}`;
  const settings = readPortalSettings({ API_URL, FRONT_END_KEY, PORTAL_COOKIE_KEY });
  const log = logTo ? createLog('test', 'trace', logTo) : createLog('test', 'silent');
  const server = createPageServer(createPortal({ settings, log })).listen(0);
  await once(server, 'listening');
  const url = `http://localhost:${(server.address() as AddressInfo).port}`;
  const opened = await launchBrowser(url);
  return {
    url,
    ...opened,
    async stop() {
      await opened.browser.close();
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Fills in fields by name; `true` ticks a checkbox. */
export async function fill(page: Page, fields: Readonly<Record<string, string | true>>): Promise<void> {
  for (const [name, value] of Object.entries(fields)) {
    const field = page.locator(`main [name="${name}"]:not([type=hidden])`);
    await (value === true ? field.check() : field.fill(value));
  }
}

/** Fills in and submits the first form of a page, or the form that `within` selects. */
export async function submitForm(
  page: Page,
  fields: Readonly<Record<string, string | true>> = {},
  within = 'main form',
): Promise<void> {
  await fill(page, fields);
  await navigate(page, () => page.locator(`${within} button[type=submit]`).first().click());
}

/** Performs an action that leads to another page, and waits until that page is loaded. */
export async function navigate(page: Page, leave: () => Promise<void>): Promise<void> {
  // Not `framenavigated`: a script that changes the address of the page is no navigation.
  const opened = page.waitForEvent('domcontentloaded');
  await leave();
  await opened;
  await page.waitForLoadState('load');
}

/** The page's heading, without its caption. */
export const heading = async (page: Page): Promise<string> =>
  (await page.locator('main h1').evaluate((h1) => h1.lastChild?.textContent ?? '')).trim();

/** The texts of the error summary. */
export const errorSummary = (page: Page): Promise<string[]> =>
  page.locator('.govuk-error-summary__list li').allInnerTexts();
