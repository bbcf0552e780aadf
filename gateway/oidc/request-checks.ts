import { errors, interactionPolicy, type KoaContextWithOIDC } from 'oidc-provider';
import { isAtLeast, type Level, levels } from '../../domain/assurance.ts';
import { readAccountId } from './accounts.ts';
import { claimsByScope, ignoredScopes, knownScopes, personalClaims } from './attribute-claims.ts';
import { acrOf, type RequestedFloor, requestedFloor } from './floor.ts';

const { Check, Prompt } = interactionPolicy;

/** What a request says, as the provider has read it. Values are texts: it refuses a parameter that is given twice. */
type Params = Record<string, string | undefined>;
const paramsOf = (ctx: KoaContextWithOIDC): Params => (ctx.oidc.params ?? {}) as Params;

/** What an interaction keeps of its request, for its end. */
export interface InteractionDetails {
  readonly floor: Level;
  /** The only subject that the relying party accepts, if it named one. */
  readonly subject: string | undefined;
}

/** What a client makes up, and gets back: each is stored with its request, and stands in addresses. */
const echoedParams: ReadonlySet<string> = new Set(['state', 'nonce']);

/** The most characters of one of them. */
export const maxEchoedLength = 2_000;

/**
 * Checks of our own, after those of the provider: at the authorization endpoint, and already when a request is pushed. They
 * also drop what must not be stored: `login_hint` often is an identity number, and `claims` may name anything.
 */
export function checkRequest(ctx: KoaContextWithOIDC): void {
  const params = paramsOf(ctx);
  params['login_hint'] = undefined;
  for (const [name, value] of Object.entries(params)) {
    // PostgreSQL stores no NUL, and no address contains one.
    if (typeof value === 'string' && hasControlCharacters(value))
      throw new errors.InvalidRequest(`${name} must not contain control characters`);
    if (echoedParams.has(name) && (value?.length ?? 0) > maxEchoedLength)
      throw new errors.InvalidRequest(`${name} must have at most ${maxEchoedLength} characters`);
  }
  const scopes = scopeAsSent(ctx).split(' ');
  if (!scopes.includes('openid')) throw new errors.InvalidScope('scope must contain openid', 'openid');
  const unknown = scopes.find((scope) => !knownScopes.has(scope) && !ignoredScopes.has(scope));
  if (unknown !== undefined)
    throw new errors.InvalidScope(`scope: supported are ${[...knownScopes].join(' ')}`, unknown);
  const requested = floorOf(ctx);
  if (requested.kind === 'invalid') throw new errors.InvalidRequest(requested.why);
  dropUnusedParams(ctx);
}

/** A member of `claims`, as `assertClaims` has accepted it. */
type ClaimRequest = Record<string, unknown> | null;
type ClaimsRequest = Partial<Record<'userinfo' | 'id_token', Record<string, ClaimRequest>>>;

/** The claims that may be asked for one by one. */
const knownClaims: ReadonlySet<string> = new Set([...claimsByScope.openid, ...personalClaims]);

/**
 * Whatever else `claims` names is ignored, and so must not be stored. Nor must an ID token that is sent as a hint: only its
 * subject is of use, and stands in `claims` from here on.
 */
function dropUnusedParams(ctx: KoaContextWithOIDC): void {
  const params = paramsOf(ctx);
  const subject = subjectOfHint(ctx);
  params['id_token_hint'] = undefined;
  if (params['claims'] === undefined && subject === undefined) return;
  const { userinfo, id_token } = JSON.parse(params['claims'] ?? '{}') as ClaimsRequest;
  const kept: ClaimsRequest = {
    ...(userinfo && { userinfo: knownOf(userinfo) }),
    ...((id_token || subject !== undefined) && {
      id_token: { ...knownOf(id_token ?? {}), ...(subject !== undefined && { sub: { value: subject } }) },
    }),
  };
  params['claims'] = JSON.stringify(kept);
}

const knownOf = (claims: Record<string, ClaimRequest>): Record<string, ClaimRequest> =>
  Object.fromEntries(
    Object.entries(claims).flatMap(([name, entry]) =>
      knownClaims.has(name) ? [[name, knownEntry(entry)]] : [],
    ),
  );

const knownEntry = (entry: ClaimRequest): ClaimRequest =>
  entry && {
    ...(typeof entry['essential'] === 'boolean' && { essential: entry['essential'] }),
    ...(entry['value'] !== undefined && { value: entry['value'] }),
    ...(entry['values'] !== undefined && { values: entry['values'] }),
  };

/** Any token that we have signed for this party passes the provider's check, also userinfo, which is full of personal data. */
function subjectOfHint(ctx: KoaContextWithOIDC): string | undefined {
  const payload = ctx.oidc.entities.IdTokenHint?.payload;
  if (!payload) return undefined;
  const { sub, auth_time: identifiedAt } = payload;
  if (typeof sub !== 'string' || typeof identifiedAt !== 'number')
    throw new errors.InvalidRequest('could not validate id_token_hint');
  return sub;
}

/** The provider has dropped the scopes that it does not know. Those of a pushed request were checked when it was pushed. */
function scopeAsSent(ctx: KoaContextWithOIDC): string {
  const known = paramsOf(ctx)['scope'] ?? '';
  if (ctx.oidc.entities.PushedAuthorizationRequest) return known;
  const { scope } = (ctx.oidc.body ?? ctx.query) as { scope?: unknown };
  return typeof scope === 'string' ? scope : known;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const hasControlCharacters = (text: string): boolean => /[\u0000-\u001f\u007f]/.test(text);

/** The longest `claims`, and the most entries of each part. */
const maxClaimsLength = 4_096;
const maxClaims = 50;

/** `claims` as the provider has parsed it: an object with `userinfo` or `id_token`, both objects. */
export function assertClaims(ctx: KoaContextWithOIDC, claims: object): void {
  const refuse = (why: string) => {
    throw new errors.InvalidRequest(`claims: ${why}`);
  };
  const text = paramsOf(ctx)['claims'] ?? '';
  if (text.length > maxClaimsLength) refuse(`at most ${maxClaimsLength} characters`);
  // Escaped in JSON: the check of control characters does not see them, and PostgreSQL stores neither.
  if (/\\u(?:0000|d[89a-f])/i.test(text)) refuse('no NUL and no surrogates');
  for (const part of ['userinfo', 'id_token'] as const) {
    const entries = Object.entries((claims as Record<string, object | undefined>)[part] ?? {});
    if (entries.length > maxClaims) refuse(`at most ${maxClaims} in ${part}`);
    for (const [name, entry] of entries) {
      if (entry !== null && (typeof entry !== 'object' || Array.isArray(entry)))
        refuse(`members of ${part} must be null or objects`);
      const { value, values } = (entry ?? {}) as { value?: unknown; values?: unknown };
      // The value of a claim is one of the citizen's data; that of acr is checked with `acr_values`.
      const isSubject = name === 'sub' && values === undefined && typeof value === 'string';
      if (name !== 'acr' && !isSubject && (value !== undefined || values !== undefined))
        refuse('only acr and sub may have a value, and sub one text');
    }
  }
}

function claimOf(ctx: KoaContextWithOIDC, part: 'userinfo' | 'id_token', name: string): unknown {
  const text = paramsOf(ctx)['claims'];
  const claims =
    text === undefined ? {} : (JSON.parse(text) as Record<string, Record<string, unknown> | undefined>);
  return claims[part]?.[name];
}

const floorOf = (ctx: KoaContextWithOIDC): RequestedFloor =>
  requestedFloor({
    acrValues: paramsOf(ctx)['acr_values'],
    acrClaims: [claimOf(ctx, 'id_token', 'acr'), claimOf(ctx, 'userinfo', 'acr')],
  });

/** The floor of a request that `checkRequest` has accepted, without that of the relying party. */
export function requestedFloorOf(ctx: KoaContextWithOIDC): Level | undefined {
  const requested = floorOf(ctx);
  return requested.kind === 'floor' ? requested.floor : undefined;
}

/** The subject that `claims` insists on, or did `id_token_hint`. */
function requestedSubject(ctx: KoaContextWithOIDC): string | undefined {
  const claim = claimOf(ctx, 'id_token', 'sub');
  const value = claim && typeof claim === 'object' ? (claim as { value?: unknown }).value : undefined;
  return typeof value === 'string' ? value : undefined;
}

/**
 * The policy of interactions: every request identifies anew. The checks of the provider that compare what was reached with
 * what was asked for send the citizen back to the pages, for ever; ours end.
 */
export function createInteractionPolicy(floorOfParty: (ctx: KoaContextWithOIDC) => Promise<Level>) {
  return [
    new Prompt(
      { name: 'login', requestable: true },
      async (ctx) => ({ floor: await floorOfParty(ctx), subject: requestedSubject(ctx) }),
      new Check('no_session', 'End-User authentication is required', 'login_required', (ctx) => {
        if (ctx.oidc.session?.accountId) return Check.NO_NEED_TO_PROMPT;
        // The browser left the pages. The provider would begin another request, without the hint that this one came with.
        if (ctx.oidc.route === 'resume') throw new errors.LoginRequired('the citizen has not identified');
        return Check.REQUEST_PROMPT;
      }),
      new Check('unmet', 'what was asked for was not reached', 'login_required', (ctx) => {
        if (ctx.oidc.session?.accountId) assertRequirementsMet(ctx);
        return Check.NO_NEED_TO_PROMPT;
      }),
    ),
    // Every request is confirmed on our own pages, by whoever identifies.
    new Prompt({ name: 'consent', requestable: true }),
    new Prompt({ name: 'select_account', requestable: true }),
  ];
}

/** @throws OIDCProviderError: the relying party is told so, and the request is over */
function assertRequirementsMet(ctx: KoaContextWithOIDC): void {
  const details = ctx.oidc.entities.Interaction?.prompt.details as unknown as InteractionDetails | undefined;
  const level = levels.find((each) => acrOf(each) === ctx.oidc.acr);
  if (!details || !level || !isAtLeast(levels, level, details.floor))
    throw new errors.UnmetAuthenticationRequirements('the level asked for was not reached');
  const { subject } = readAccountId(ctx.oidc.session?.accountId ?? '');
  if (details.subject !== undefined && details.subject !== subject)
    throw new errors.LoginRequired('the subject asked for has not identified');
}
