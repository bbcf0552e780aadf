import type { Mutation } from '../mutation.ts';

const file = 'api/identification/known-browser.ts';
const tests = ['test/identification/known-browser.test.ts'];
const pages = ['test/portal/known-browser.test.ts'];

/** Promise 12c. */
export const knownBrowserMutations: readonly Mutation[] = [
  {
    promise: '12c',
    name: 'a-known-browser-is-shut-out-too',
    file: 'api/identification/sign-in.ts',
    before: ' && !(await isKnownBrowser(context.body.browser, citizenId, dependencies))',
    after: '',
    tests: [...tests, ...pages],
  },
  {
    promise: '12c',
    name: 'any-token-makes-a-browser-known',
    file,
    before: 'return rowCount === 1;',
    after: 'return token !== undefined;',
    tests,
  },
  {
    promise: '12c',
    name: 'a-token-is-good-for-whatever-password-there-is',
    file,
    before: 'WHERE password.id = $1::uuid AND "citizenId" = $2::uuid',
    after: 'WHERE $1::uuid IS NOT NULL AND "citizenId" = $2::uuid',
    tests,
  },
  {
    promise: '12c',
    name: 'a-blocked-password-keeps-its-browsers',
    file,
    before: ' AND "blockedAt" IS NULL',
    after: '',
    tests,
  },
  {
    promise: '12c',
    name: 'a-registration-act-brings-tokens-back',
    file,
    before: '"registeredAt" <= $3::timestamptz AND',
    after: '',
    tests,
  },
  {
    promise: '12c',
    name: 'a-browser-is-known-for-ten-years',
    file,
    before: '> $4::timestamptz`',
    after: "> $4::timestamptz - interval '10 years'`",
    tests,
  },
  {
    promise: '12c',
    name: 'a-repetition-gets-another-token',
    file,
    before: ', Buffer.from(content), nonce);',
    after: ', Buffer.from(content));',
    tests,
  },
  {
    promise: '12c',
    name: 'two-instants-are-sealed-with-one-nonce',
    file,
    before: 'content}`, 12);',
    after: 'credentialId}`, 12);',
    tests: ['api/identification/known-browser.test.ts'],
  },
  {
    promise: '12c',
    name: 'only-a-token-that-opens-is-looked-up',
    file,
    before: "openToken(token, citizenId, ring)?.split('/') ?? [];",
    after: "openToken(token, citizenId, ring)?.split('/') ?? [];\n  if (!passwordId) return false;",
    tests: ['test/identification/sign-in.statements.test.ts'],
  },
  {
    promise: '12c',
    name: 'a-browser-forgets-with-the-session',
    file: 'portal/page-request/cookies.ts',
    before: ' life: limits.knownBrowser.life,',
    after: '',
    tests: pages,
  },
  {
    promise: '12c',
    name: 'the-pages-send-no-token',
    file: 'portal/identification/sign-in/sign-in.ts',
    before: ', ...(browser && { browser }) }',
    after: ' }',
    tests: pages,
  },
  {
    promise: '12c',
    name: 'the-gateway-sends-no-token',
    file: 'gateway/flow/sign-in.ts',
    before: ', ...(browser && { browser }) }',
    after: ' }',
    tests: ['test/gateway/flow.known-browser.test.ts'],
  },
  {
    promise: '12c',
    name: 'a-browser-stays-known-after-a-report',
    file: 'portal/my-clave/not-me.ts',
    before: "page.clearEntries('browser');",
    after: '',
    tests: pages,
  },
];
