import { setTimeout as sleep } from 'node:timers/promises';
import * as oidc from 'openid-client';
import { type BrowserAnswer, PlainBrowser } from '../test/actors/plain-browser.ts';
import { password } from './citizens.ts';

/** A relying party: the client that it has from an issuer. */
export interface RelyingParty {
  readonly config: oidc.Configuration;
  readonly redirectUri: string;
}

/** Lets openid-client discover an issuer. */
export const discover = (
  issuer: string,
  clientId: string,
  clientSecret: string,
): Promise<oidc.Configuration> =>
  oidc.discovery(new URL(issuer), clientId, {}, oidc.ClientSecretBasic(clientSecret), {
    execute: [oidc.allowInsecureRequests],
  });

/** Two, and what is sent again where the service was too busy, after a pause (ms). */
const mostForms = 8;
const pauseMs = 1_000;

let flows = 0;

/**
 * A whole flow: from the relying party to the provider and back with a code, then tokens and userinfo. Each in a new browser
 * at an address of its own. The forms are filled in as the gateway asks; a bare provider takes what it needs.
 * A form that a busy service shows again is sent again, as a citizen does.
 * @throws Error that says where it ended if not at the relying party with a code, or with the claims of another
 */
export async function identify({ config, redirectUri }: RelyingParty, nationalId: string): Promise<void> {
  flows += 1;
  const browser = new PlainBrowser();
  const headers = { 'X-Forwarded-For': `10.${(flows >> 16) & 255}.${(flows >> 8) & 255}.${flows & 255}` };
  const verifier = oidc.randomPKCECodeVerifier();
  const state = oidc.randomState();
  const start = oidc.buildAuthorizationUrl(config, {
    ...{ redirect_uri: redirectUri, scope: 'openid profile nif', state, code_challenge_method: 'S256' },
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
  });
  let at = start.href;
  let page = await browser.get(at, headers);
  const follow = async () => {
    while (page.location && !page.location.startsWith(redirectUri)) {
      at = page.location;
      page = await browser.get(at, headers);
    }
  };
  await follow();
  for (let forms = 0, shownAt = ''; !page.location && forms < mostForms; forms += 1) {
    if (page.status !== 200) break;
    if (shownAt === at) await sleep(pauseMs);
    shownAt = at;
    const fields = { ...hiddenFields(page), nationalId, password, means: 'password' };
    page = await browser.send(at, { method: 'POST', body: new URLSearchParams(fields), headers });
    await follow();
  }
  if (!page.location) throw new Error(`a flow ended at ${new URL(at).pathname} with ${page.status}`);
  const tokens = await oidc.authorizationCodeGrant(config, new URL(page.location), {
    pkceCodeVerifier: verifier,
    expectedState: state,
  });
  const { sub = '' } = tokens.claims() ?? {};
  const { national_id: identified } = await oidc.fetchUserInfo(config, tokens.access_token, sub);
  if (identified !== nationalId) throw new Error('a flow identified somebody else');
}

function hiddenFields({ text }: BrowserAnswer): Record<string, string> {
  const hidden = (name: string) => new RegExp(`name="${name}" value="([^"]*)"`).exec(text)?.[1];
  return Object.fromEntries(
    ['csrf', 'nonce'].flatMap((name) => {
      const value = hidden(name);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
