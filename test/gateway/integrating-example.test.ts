import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { partyFrom } from '../../domain/gateway/party-file.ts';
import { claimPort } from '../../local/servers/ports.ts';
import { type OidcParty, registerOidcParty } from '../actors/oidc-party.ts';
import { type BrowserAnswer, PlainBrowser } from '../actors/plain-browser.ts';
import { type GatewayInProcess, startGatewayInProcess } from '../environment/gateway-in-process.ts';
import { type Stack, startStack } from '../environment/stack.ts';

const text = readFileSync('docs/integrating.md', 'utf8');
const blocksOf = (language: string): string[] =>
  [...text.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map(
    ([, block = '']) => block,
  );

let stack: Stack;
let gateway: GatewayInProcess;
let party: OidcParty;
let site = '';
beforeAll(async () => {
  stack = await startStack();
  gateway = await startGatewayInProcess(stack, { env: { GATEWAY_SIMULATOR: 'on' } });
  site = `http://localhost:${await claimPort(0, 'the example', 'PORT')}`;
  party = await registerOidcParty(
    stack,
    { url: `${gateway.url}/simulator` },
    { registration: { redirectUris: [`${site}/back`], postLogoutRedirectUris: [`${site}/signed-out`] } },
  );
});
afterAll(async () => {
  await gateway?.stop();
  await stack?.stop();
});

/** Runs a line of the document against this gateway. */
async function run(line: string): Promise<string> {
  const here = line.replaceAll('http://localhost:3004', gateway.url).replaceAll('rp_…', party.id);
  return (await promisify(execFile)('bash', ['-c', here])).stdout;
}
const lineWith = (words: string): string => {
  const line = blocksOf('sh').find((block) => block.includes(words));
  if (!line) throw new Error(`no line with ${words}`);
  return line;
};

test('the file of a party is one that the operator can register', () => {
  const [file = ''] = blocksOf('json');
  expect(partyFrom(JSON.parse(file), { loopbackPermitted: false })).toHaveProperty('party');
});

test('the lines run: discovery, the persons of the simulator, the choice of one', async () => {
  expect(JSON.parse(await run(lineWith('.well-known')))).toHaveProperty('end_session_endpoint');
  const [list, choice] = lineWith('/simulator/persons').split(/\n(?=curl)/);
  expect(JSON.parse(await run(list ?? ''))).toHaveProperty('persons.nuria');
  expect(JSON.parse(await run(choice ?? ''))).toMatchObject({ person: 'nuria' });
});

/** The example as it stands, in a process of its own, where its packages are found. */
async function withExample(use: () => Promise<void>): Promise<void> {
  const folder = path.resolve('.cache', `integrating-${process.pid}`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'example.mjs'), blocksOf('js')[0] ?? '');
  const { PATH = '' } = process.env;
  const issuer = { ISSUER: `${gateway.url}/simulator/oidc`, SITE: site };
  const child = spawn(process.execPath, [path.join(folder, 'example.mjs')], {
    env: { PATH, ...issuer, CLIENT_ID: party.id, CLIENT_SECRET: party.secret },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    await Promise.race([
      once(child.stdout, 'data'),
      once(child, 'exit').then(([code]) => {
        throw new Error(`the example has ended: ${code}`);
      }),
    ]);
    await use();
  } finally {
    child.kill();
    rmSync(folder, { recursive: true });
  }
}

/** Follows every redirect, as a browser does. */
async function visit(browser: PlainBrowser, address: string): Promise<BrowserAnswer> {
  let at = await browser.get(address);
  while (at.location) at = await browser.get(at.location);
  return at;
}

test('the example identifies, shows a cancelled request, and signs out', async () => {
  await withExample(async () => {
    const browser = new PlainBrowser();
    await run(lineWith('/simulator/persons'));
    expect((await visit(browser, `${site}/sign-in`)).json).toMatchObject({
      acr: 'http://eidas.europa.eu/LoA/substantial',
      given_name: 'Núria',
      national_id: '99999990S',
    });
    expect((await visit(browser, `${site}/sign-out`)).text).toContain('nobody');
    await run(lineWith('cancelled'));
    expect((await visit(browser, `${site}/sign-in`)).json).toEqual({ error: 'access_denied' });
  });
});
