import type { Mutation } from '../mutation.ts';

const config = 'platform/config.test.ts';
const guard = 'platform/simulator-guard.test.ts';
const simulator = 'test/gateway/simulator.test.ts';

/** Promise 47c. */
export const simulatorMutations: readonly Mutation[] = [
  {
    promise: '47c',
    name: 'the-simulator-is-beside-a-database-that-is-named',
    file: 'platform/simulator-guard.ts',
    before: 'const given = Object.keys(named).filter((name) => named[name]);',
    after: 'const given = Object.keys(named).filter((name) => name.length === 0);',
    tests: [config],
  },
  {
    promise: '47c',
    name: 'the-simulator-is-on-https',
    file: 'platform/simulator-guard.ts',
    before: "if (GATEWAY_URL?.startsWith('https:')) problems.push('on https');",
    after: '',
    tests: [config],
  },
  {
    promise: '47c',
    name: 'the-simulator-is-beside-a-database-of-another-machine',
    file: 'platform/simulator-guard.ts',
    before: ' && !searchParams.has(',
    after: ' || searchParams.has(',
    tests: [guard],
  },
  {
    promise: '47c',
    name: 'the-simulator-is-always-on',
    file: 'gateway/app.ts',
    before: "if (settings.GATEWAY_SIMULATOR === 'on') {",
    after: 'if (settings.GATEWAY_SIMULATOR !== undefined) {',
    tests: [simulator],
  },
  {
    promise: '47c',
    name: 'the-simulator-stores-where-the-gateway-looks',
    file: 'gateway/simulator/simulator.ts',
    before: "prefix: 'simulator ',",
    after: "prefix: '',",
    tests: [simulator],
  },
  {
    promise: '47c',
    name: 'the-gateway-looks-up-what-the-simulator-has-issued',
    file: 'gateway/oidc/artefact-rows.ts',
    before: 'if (!isOpaqueId(key.id)) return undefined;',
    after: '',
    tests: [simulator],
  },
];
