import type { Mutation } from '../mutation.ts';

const notices = 'test/gateway/logout-notices.test.ts';
const workflow = 'test/workflows/logout-notice.test.ts';
const endpoint = 'gateway/logout/party-endpoint.test.ts';
const logout = 'test/gateway/oidc-logout.test.ts';

/** Promise 47a. */
export const logoutNoticeMutations: readonly Mutation[] = [
  {
    promise: '47a',
    name: 'any-answer-of-a-party-is-taken',
    file: 'gateway/oidc/back-channel-logout.ts',
    before: 'answer.status === 200 || answer.status === 204',
    after: 'answer.status > 0',
    tests: [notices],
  },
  {
    promise: '47a',
    name: 'a-logout-token-without-session',
    file: 'gateway/oidc/back-channel-logout.ts',
    before: "token.set('sid', sid);",
    after: '',
    tests: [notices],
  },
  {
    promise: '47a',
    name: 'a-code-of-a-void-identification-is-redeemed',
    file: 'gateway/oidc/accounts.ts',
    before: 'if (isVoid) return undefined;',
    after: '',
    tests: [notices],
  },
  {
    promise: '47a',
    name: 'anybody-has-a-notice-delivered',
    file: 'gateway/logout/logout-notices.ts',
    before: "if (!sameSecret(request.get('x-gateway-key') ?? '', gatewayKey)) return next();",
    after: 'if (!gatewayKey) return next();',
    tests: [notices],
  },
  {
    promise: '47a',
    name: 'a-notice-is-marked-before-temporal-has-it',
    file: 'api/gateway/logout-notice-outbox.ts',
    before: '      await start(id);\n',
    after: '      await start(id).catch(() => undefined);\n',
    tests: [workflow],
  },
  {
    promise: '47a',
    name: 'a-notice-that-is-given-up-leaves-no-trace',
    file: 'workflows/logout-notice.ts',
    before:
      "await logoutNoticeRecords.giveUpLogoutNotice(noticeId, failureCode.test(failure) ? failure : 'timeout');",
    after: 'failureCode.test(failure);',
    tests: [workflow],
  },
  {
    promise: '47a',
    name: 'the-link-of-the-machine-is-called',
    file: 'gateway/logout/party-endpoint.ts',
    before: "['unicast', 'private', 'uniqueLocal']",
    after: "['unicast', 'private', 'uniqueLocal', 'linkLocal']",
    tests: [endpoint],
  },
  {
    promise: '47a',
    name: 'a-name-may-resolve-to-anything',
    file: 'gateway/logout/party-endpoint.ts',
    before: '!addresses.every(({ address }) => isPermitted(address))',
    after: 'typeof isPermitted !== "function"',
    tests: [endpoint],
  },
  {
    promise: '47a',
    name: 'a-logout-ends-what-all-parties-of-the-sector-have',
    file: 'gateway/oidc/artefacts.ts',
    before: 'digest(`$' + '{clientId} ',
    after: 'digest(`',
    tests: [logout],
  },
];
