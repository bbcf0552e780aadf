import type { Mutation } from '../mutation.ts';

const oidc = 'test/gateway/oidc.test.ts';
const floor = 'test/gateway/oidc-floor.test.ts';
const badInput = 'test/gateway/oidc-bad-input.test.ts';
const profiles = 'test/gateway/oidc-profiles.test.ts';

/** Promises 44a, 44b and 46. */
export const openIdConnectMutations: readonly Mutation[] = [
  {
    promise: '44a',
    name: 'acr-in-claims-may-be-below-acr-values',
    file: 'gateway/oidc/floor.ts',
    before: 'floor = higher(lowest(known), floor);',
    after: 'floor = lowest(known);',
    tests: [floor],
  },
  {
    promise: '44a',
    name: 'a-request-may-ask-for-less-than-its-party',
    file: 'gateway/oidc/provider.ts',
    before: 'higher(party.floor, requestedFloorOf(ctx))',
    after: '(requestedFloorOf(ctx) ?? party.floor)',
    tests: [floor],
  },
  {
    promise: '44b',
    name: 'a-code-is-redeemed-as-often-as-it-is-read',
    file: 'gateway/oidc/artefacts.ts',
    before: ' AND id = $2 AND "consumedAt" IS NULL\n',
    after: ' AND id = $2\n',
    tests: [oidc],
  },
  {
    promise: '44b',
    name: 'a-request-is-followed-as-often-as-it-is-read',
    file: 'gateway/oidc/artefacts.ts',
    before: "if (this.#kind === 'Interaction' && rowCount !== 1) throw this.#usedTwice();",
    after: 'if (rowCount === null) throw this.#usedTwice();',
    tests: [oidc],
  },
  {
    promise: '44b',
    name: 'any-secret-authenticates-a-client',
    file: 'gateway/oidc/provider.ts',
    before: "return sameSecret(tokenDigest(actual), this.clientSecret ?? '');",
    after: 'return actual !== undefined;',
    tests: [oidc],
  },
  {
    promise: '44b',
    name: 'the-pages-of-a-request-are-open-to-any-browser',
    file: 'gateway/oidc/oidc-requests.ts',
    before: 'if (!binding.isBound(request, response, id)) return undefined;',
    after: '',
    tests: [oidc],
  },
  {
    promise: '44b',
    name: 'the-code-of-a-request-goes-to-any-browser',
    file: 'gateway/oidc/resume-guard.ts',
    before: 'binding.isBound(request, response, id) && ',
    after: '',
    tests: [oidc],
  },
  {
    promise: '44b',
    name: 'an-address-that-is-not-registered-any-more-gets-a-code',
    file: 'gateway/oidc/find-interaction.ts',
    before: "party.oidc?.redirectUris.includes(String(params['redirect_uri'])) ?? false",
    after: "party.id !== '' && params !== undefined",
    tests: [oidc],
  },
  {
    promise: '46',
    name: 'an-id-token-has-what-claims-ask-for',
    file: 'gateway/oidc/accounts.ts',
    before: "if (use !== 'userinfo') return { sub: accountId };",
    after: '',
    tests: [oidc],
  },
  {
    promise: '46',
    name: 'a-login-hint-is-stored',
    file: 'gateway/oidc/request-checks.ts',
    before: "  params['login_hint'] = undefined;\n",
    after: '',
    tests: [badInput],
  },
  {
    promise: '46',
    name: 'a-claim-is-asked-for-by-its-value',
    file: 'gateway/oidc/request-checks.ts',
    before: "refuse('only acr and sub may have a value, and sub one text');",
    after: 'continue;',
    tests: [badInput],
  },
  {
    promise: '46',
    name: 'claims-that-mean-nothing-are-stored',
    file: 'gateway/oidc/request-checks.ts',
    before: '  dropUnusedParams(ctx);\n',
    after: '  subjectOfHint(ctx);\n',
    tests: [badInput],
  },
  {
    promise: '46',
    name: 'signed-userinfo-is-a-hint',
    file: 'gateway/oidc/request-checks.ts',
    before: "typeof sub !== 'string' || typeof identifiedAt !== 'number'",
    after: "typeof sub !== 'string' || identifiedAt === null",
    tests: [profiles],
  },
  {
    promise: '44b',
    name: 'a-fapi-party-signs-with-rs256',
    file: 'gateway/oidc/provider.ts',
    before: "const fapiAlgorithms: readonly string[] = ['PS256', 'ES256'];",
    after: "const fapiAlgorithms: readonly string[] = ['PS256', 'ES256', 'RS256'];",
    tests: [profiles],
  },
];
