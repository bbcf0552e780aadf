import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

// WCAG 2.2 AA includes the 2.1 AA that [RD1112] requires; best practices are axe's own.
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

interface Finding {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

/** The violations that axe finds in a page, one line for each element. */
export async function axeViolations(page: Page): Promise<string[]> {
  // Evaluated through the debugger, to which the page's Content-Security-Policy does not apply.
  await page.evaluate(source);
  const { violations } = (await page.evaluate(
    `axe.run(document, { runOnly: ${JSON.stringify(tags)}, resultTypes: ['violations'] })`,
  )) as { violations: Finding[] };
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${page.url()}: ${id}: ${html.slice(0, 200)} ${failureSummary}`),
  );
}

/**
 * What is wrong with a page in each row of the matrix: what axe finds, and whether it is wider than its window. `state`: its name,
 * for the finding.
 */
export async function findingsIn(
  page: Page,
  state: string,
  rows: readonly { width: number; colorScheme: 'light' | 'dark' }[],
): Promise<string[]> {
  const found: string[] = [];
  for (const { width, colorScheme } of rows) {
    await page.setViewportSize({ width, height: 700 });
    await page.emulateMedia({ colorScheme });
    found.push(...(await axeViolations(page)));
    const wider = await horizontalOverflow(page);
    if (wider > 0) found.push(`${page.url()} (${state}, ${width}): ${wider} pixels too wide`);
  }
  return found;
}

/** By how many pixels a page is wider than its window, which would require scrolling in two directions ([WCAG] 1.4.10). */
export const horizontalOverflow = async (page: Page): Promise<number> =>
  Number(await page.evaluate('document.documentElement.scrollWidth - window.innerWidth'));
