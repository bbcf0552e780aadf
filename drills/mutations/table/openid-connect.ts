import type { Mutation } from '../mutation.ts';

const oidc = 'test/gateway/oidc.test.ts';
const floor = 'test/gateway/oidc-floor.test.ts';
const badInput = 'test/gateway/oidc-bad-input.test.ts';

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
    before: 'higher(party.floor, floorAskedFor(ctx))',
    after: '(floorAskedFor(ctx) ?? party.floor)',
    tests: [floor],
  },
  {
    promise: '44b',
    name: 'a-code-is-redeemed-as-often-as-it-is-read',
    file: 'gateway/oidc/artefacts.ts',
    before: ` AND "consumedAt" IS NULL',`,
    after: `',`,
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
];
