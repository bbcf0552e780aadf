import { execFile, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Browser, chromium } from 'playwright-core';
import { certificatesOf } from '../../test/actors/cards.ts';
import { codeIn, issueTicket, portalReturnUrl, redeem, type Ticket } from '../../test/actors/certificates.ts';
import { chromiumPath } from '../../test/browser/chromium.ts';
import { type Stack, startStack } from '../../test/environment/stack.ts';

let stack: Stack;
let folder: string;
beforeAll(async () => {
  // One exact origin, as clients that are given a certificate for one want it.
  stack = await startStack({ certificates: 'fixed' });
  folder = mkdtempSync(path.join(tmpdir(), 'clave-clients-'));
});
afterAll(async () => {
  await stack?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const download = async (name: string): Promise<string> => {
  const file = path.join(folder, path.basename(name));
  const response = await fetch(`${certificatesOf(stack).cardReaderUrl}/${name}`);
  writeFileSync(file, Buffer.from(await response.arrayBuffer()));
  return file;
};
const profileOf = async (ticket: Ticket, location: string): Promise<string> =>
  (await redeem(stack, ticket, codeIn(location))).body.profile;

const hasCurl = spawnSync('curl', ['--version']).status === 0;
(hasCurl ? test : test.skip)('curl goes the way with a PEM file, and with a PKCS#12 file', async () => {
  const authority = await download('authority.pem');
  // Not in this turn of the event loop: the listener is in this process.
  const curl = async (url: string, ...certificate: string[]) => {
    const args = ['-s', '-m', '30', '--cacert', authority, '-o', '/dev/null', '-w', '%{redirect_url}'];
    return (await promisify(execFile)('curl', [...args, ...certificate, url])).stdout;
  };
  const byPem = await issueTicket(stack);
  const pem = await download('cards/dnie.pem');
  expect(await profileOf(byPem, await curl(byPem.url, '--cert', pem))).toBe('dnie');
  const byPkcs12 = await issueTicket(stack);
  const pkcs12 = ['--cert-type', 'P12', '--cert', `${await download('cards/fnmt.p12')}:demo`];
  expect(await profileOf(byPkcs12, await curl(byPkcs12.url, ...pkcs12))).toBe('fnmt-natural-person');
  const without = await issueTicket(stack);
  expect(await curl(without.url)).toMatch(/problem=none-sent$/);
});

(chromiumPath ? test : test.skip)(
  'a browser goes the way with the certificate that it is given',
  async () => {
    const browser: Browser = await chromium.launch({
      executablePath: chromiumPath ?? '',
      args: ['--no-sandbox'],
    });
    try {
      const ticket = await issueTicket(stack);
      // Playwright connects in the browser's place, and Node resolves no name below localhost.
      const address = ticket.url.replace('identidad.localhost', 'localhost');
      const { origin } = new URL(address);
      const context = await browser.newContext({
        ignoreHTTPSErrors: true,
        clientCertificates: [{ origin, pfxPath: await download('cards/accv.p12'), passphrase: 'demo' }],
      });
      const page = await context.newPage();
      // There are no pages to come back to: that the browser asks for them is enough.
      const back = page.waitForRequest((request) => request.url().startsWith(portalReturnUrl));
      await page.goto(address, { timeout: 30_000 }).catch(() => undefined);
      expect(await profileOf(ticket, (await back).url())).toBe('accv-citizen');
    } finally {
      await browser.close();
    }
  },
);

/** The policy needs a file in a folder of the machine: the browser gets a view of the file system of its own. */
const canImport =
  chromiumPath !== undefined &&
  spawnSync('certutil', ['-H']).error === undefined &&
  spawnSync('unshare', ['--mount', 'true']).status === 0;
(canImport ? test : test.skip)(
  'Chromium presents a certificate from its own store, and is accepted as its profile',
  async () => {
    const ticket = await issueTicket(stack);
    const executablePath = await browserWithStore('fnmt', new URL(ticket.url).origin);
    const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
    try {
      const page = await browser.newPage();
      const back = page.waitForRequest((request) => request.url().startsWith(portalReturnUrl));
      await page.goto(ticket.url, { timeout: 30_000 }).catch(() => undefined);
      expect(await profileOf(ticket, (await back).url())).toBe('fnmt-natural-person');
    } finally {
      await browser.close();
    }
  },
);

/**
 * A script that starts Chromium with a home folder in whose store a card and the authority of the listener are, as `certutil`
 * imports them, and with the policy of an organisation that has the browser choose the card at this origin without asking.
 */
async function browserWithStore(card: string, origin: string): Promise<string> {
  const home = path.join(folder, 'home');
  const store = path.join(home, '.pki', 'nssdb');
  const policies = path.join(folder, 'chromium', 'policies', 'managed');
  for (const made of [store, policies]) mkdirSync(made, { recursive: true });
  const run = promisify(execFile);
  const database = ['-d', `sql:${store}`];
  await run('certutil', [...database, '-N', '--empty-password']);
  const authority = await download('authority.pem');
  await run('certutil', [...database, '-A', '-n', 'listener', '-t', 'C,,', '-i', authority]);
  await run('pk12util', [...database, '-i', await download(`cards/${card}.p12`), '-W', 'demo']);
  const AutoSelectCertificateForUrls = [JSON.stringify({ pattern: origin, filter: {} })];
  writeFileSync(path.join(policies, 'card.json'), JSON.stringify({ AutoSelectCertificateForUrls }));
  const script = path.join(folder, 'chromium.sh');
  const start = `mount --bind "$0" /etc/chromium && exec "$@"`;
  const mounted = `exec unshare --mount sh -c '${start}' "${path.dirname(path.dirname(policies))}" "${chromiumPath}" "$@"`;
  writeFileSync(script, `#!/bin/sh\nmkdir -p /etc/chromium\nexport HOME="${home}"\n${mounted}\n`, {
    mode: 0o755,
  });
  return script;
}
