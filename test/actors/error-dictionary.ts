import { readFileSync } from 'node:fs';
import { expect } from '@jest/globals';
import type { OidcParty } from './oidc-party.ts';
import { PlainBrowser } from './plain-browser.ts';

/** The first cells of the tables below a heading of docs/integrating.md: what a party or a citizen is told. */
export function entriesBelow(heading: string): string[] {
  const [, section = ''] = readFileSync('docs/integrating.md', 'utf8').split(`\n### ${heading}\n`);
  const [own = ''] = section.split(/\n##/);
  const rows = own.split('\n').filter((line) => line.startsWith('| '));
  // The first two are the head of the table.
  return rows.slice(2).map((row) => (row.split(' | ')[0] ?? '').slice(2).replace('`', '').replace('`', ''));
}

/** An entry as the document writes it: the code of the protocol, and our reason. */
const entry = (code: unknown, reason: unknown): string => (reason ? `${code}: ${reason}` : String(code));

const unescaped = (html: string): string =>
  html.replaceAll('&#39;', "'").replaceAll('&quot;', '"').replaceAll('&amp;', '&');

/** What the page for integrators says. */
export async function pageAt(address: URL): Promise<string> {
  const { text, location } = await new PlainBrowser().get(address);
  expect(location).toBeUndefined();
  const [, code, reason] = /<code>(\w+)<\/code>(?:: ([^<]*))?/.exec(text) ?? [];
  return entry(code, unescaped(reason ?? ''));
}

/** What the party is told at its address. */
export function told(location: string | undefined): string {
  const { searchParams } = new URL((location ?? '').replace('#', '?'));
  return entry(searchParams.get('error'), searchParams.get('error_description'));
}
/** What an endpoint of servers answers. */
export async function answered(response: Response | Promise<Response>): Promise<string> {
  const answer = (await (await response).json()) as Record<string, unknown>;
  return entry(answer['error'], answer['error_description']);
}
/** How a party with a secret authenticates. */
export const basic = ({ id, secret }: Pick<OidcParty, 'id' | 'secret'>) => ({
  Authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`,
});
