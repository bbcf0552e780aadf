import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Registration, siteUrl } from '../gateway/relying-site.ts';
import type { RepeatingClient } from './repeating-client.ts';
import { must, Violation } from './violation.ts';

const timeoutMs = 20_000;
const pauseMs = 200;
const repeatForMs = 60_000;

/** A request that a relying party has sent a browser with. */
export interface PartyRequest {
  readonly address: string;
  readonly verifier: string;
}

const redirectUri = (party: Registration): string => `${siteUrl(party)}/back`;

/** Where a relying party sends a browser, for an identification of the level substantial, or of any. */
export function authorizationRequest(party: Registration, level: 'low' | 'substantial'): PartyRequest {
  const verifier = randomBytes(32).toString('base64url');
  const params = new URLSearchParams({
    ...{ client_id: party.clientId, redirect_uri: redirectUri(party), response_type: 'code' },
    ...{ scope: 'openid profile nif', state: randomBytes(16).toString('base64url'), ui_locales: 'en' },
    acr_values: `http://eidas.europa.eu/LoA/${level}`,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  });
  return { address: `${party.issuer}/auth?${params}`, verifier };
}

/** What a browser brings back to the site; undefined if it is elsewhere. */
export const answerIn = (party: Registration, location: string | undefined): URLSearchParams | undefined =>
  location?.startsWith(redirectUri(party)) ? new URL(location).searchParams : undefined;

/**
 * Redeems a code, and reads whom it identifies. A call without an answer, or with 503, is repeated. Undefined: the code was used by
 * a call whose answer was lost. @throws Violation
 */
export async function redeem(
  party: Registration,
  { code, verifier }: { code: string; verifier: string },
  record: Pick<RepeatingClient, 'answers' | 'lost'>,
): Promise<string | undefined> {
  const { body, status, repeats } = await repeated(record, 'POST /oidc/token', `${party.issuer}/token`, {
    method: 'POST',
    headers: {
      Authorization: `Basic ${Buffer.from(`${party.clientId}:${party.clientSecret}`).toString('base64')}`,
    },
    body: new URLSearchParams({
      ...{ grant_type: 'authorization_code', code, code_verifier: verifier },
      redirect_uri: redirectUri(party),
    }),
  });
  if (status === 400 && repeats > 0 && body['error'] === 'invalid_grant') return undefined;
  must(status === 200 && Boolean(body['id_token']), `a code is answered ${status} ${body['error']}`);
  const userinfo = await repeated(record, 'GET /oidc/me', `${party.issuer}/me`, {
    headers: { Authorization: `Bearer ${body['access_token']}` },
  });
  must(userinfo.status === 200, `userinfo is answered ${userinfo.status}`);
  return String(userinfo.body['national_id']);
}

async function repeated(
  record: Pick<RepeatingClient, 'answers' | 'lost'>,
  name: string,
  address: string,
  options: RequestInit,
): Promise<{ status: number; body: Record<string, unknown>; repeats: number }> {
  const entry = { atMs: 0, repeats: 0 };
  record.answers.push(entry);
  for (const end = Date.now() + repeatForMs; Date.now() < end; await sleep(pauseMs)) {
    const sentAtMs = performance.now();
    const answer = await fetch(address, { ...options, signal: AbortSignal.timeout(timeoutMs) })
      .then(async (response) => ({ status: response.status, text: await response.text() }))
      .catch((error: Error) => error);
    entry.atMs = performance.now();
    if (!(answer instanceof Error) && answer.status < 500)
      return { status: answer.status, body: JSON.parse(answer.text), repeats: entry.repeats };
    const cause = answer instanceof Error ? answer.message : answer.status;
    record.lost.push(`${name}: ${cause} after ${Math.round(performance.now() - sentAtMs)} ms`);
    entry.repeats += 1;
  }
  throw new Violation(`${name} has no answer within a minute`);
}
