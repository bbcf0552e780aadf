import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { languages } from '../../domain/languages.ts';
import { Citizen } from '../actors/citizen.ts';
import { goodPassword } from '../actors/credentials.ts';
import { type Portal, startPortal, submitForm } from '../browser/browser.ts';
import { widths } from '../browser/page-matrix.ts';
import { visitEveryState } from '../browser/page-states.ts';
import { choosePassword } from '../browser/portal-steps.ts';
import { type Stack, startStack } from '../environment/stack.ts';
import { setUp } from '../run/global-setup.ts';

const folder = path.resolve('.cache', 'screenshots');
const images = path.resolve('docs', 'images');

/** `npm run screenshots`: every state in the given languages (default Spanish), and the README's pictures. */
async function run(): Promise<void> {
  const asked = process.argv.slice(2);
  const chosen = languages.filter((language) => asked.includes(language));
  const tearDown = await setUp();
  const stack = await startStack({ own: true });
  const portal = await startPortal(stack);
  try {
    for (const language of chosen.length > 0 ? chosen : (['es'] as const)) {
      const to = path.join(folder, language);
      rmSync(to, { recursive: true, force: true });
      mkdirSync(to, { recursive: true });
      const page = await portal.openPage({ viewport: { width: 1280, height: 900 } });
      await visitEveryState(stack, language, page, async (_, name) => {
        for (const width of widths) {
          await page.setViewportSize({ width, height: 900 });
          await page.screenshot({
            path: path.join(to, `${name.replaceAll('/', '-')}-${width}.png`),
            fullPage: true,
          });
        }
      });
    }
    await takeReadmePictures(stack, portal);
  } finally {
    await portal.stop();
    await stack.stop();
    await tearDown();
  }
}

/** The README's pictures: the home page, and an activation in five steps. */
async function takeReadmePictures(stack: Stack, portal: Portal): Promise<void> {
  const wide = await portal.openPage({ viewport: { width: 1280, height: 860 } });
  await wide.goto('/es');
  await wide.screenshot({ path: path.join(images, 'portal-home.png') });

  const page = await portal.openPage({ viewport: { width: 390, height: 800 } });
  const citizen = await new Citizen(stack).register();
  const frames: string[] = [];
  const frame = async (of: Page) => void frames.push((await of.screenshot()).toString('base64'));
  await page.goto('/es/activation');
  const { nationalId, email } = citizen.data;
  for (const [name, value] of Object.entries({ nationalId, email, activationCode: citizen.activationCode }))
    await page.fill(`#${name}`, value);
  await page.locator('main h1').evaluate((h1) => h1.scrollIntoView());
  await frame(page);
  await submitForm(page);
  const otp = await citizen.otp();
  const phone = await portal.browser.newPage({ viewport: { width: 390, height: 800 } });
  await phone.goto(stack.phone.url);
  await frame(phone);
  await page.fill('#otp', otp);
  await page.locator('main h1').evaluate((h1) => h1.scrollIntoView());
  await frame(page);
  await submitForm(page);
  await page.fill('#newPassword', goodPassword);
  await page.locator('main h1').evaluate((h1) => h1.scrollIntoView());
  await frame(page);
  await choosePassword(page);
  await page.locator('main h1').evaluate((h1) => h1.scrollIntoView({ block: 'center' }));
  await frame(page);
  await filmstrip(portal, frames);
}

/** Combines pictures side by side. */
async function filmstrip(portal: Portal, frames: readonly string[]): Promise<void> {
  const page = await portal.browser.newPage({ viewport: { width: frames.length * 300 + 20, height: 620 } });
  const image = (frame: string) =>
    `<img src="data:image/png;base64,${frame}" width="280" style="border:1px solid #999;margin:10px">`;
  await page.setContent(
    `<body style="margin:0;background:#fff;white-space:nowrap">${frames.map(image).join('')}</body>`,
  );
  writeFileSync(path.join(images, 'portal-activation.png'), await page.screenshot());
}

await run();
process.exit(0);
