// What each npm script does once everything is installed. Each answers with its exit code.
import { randomBytes } from 'node:crypto';
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { nodeProgram, root, run, say } from './programs.mjs';
import { jest } from './run-jest.mjs';

const node = (args, options) => run(process.execPath, args, options);

/** Loads our TypeScript into this process. */
async function load(path) {
  const { register } = await import('tsx/esm/api');
  register();
  return import(path);
}

async function start() {
  const { start: launch } = await load('../start.ts');
  return launch();
}

/** All tests but drills and pages. The programs that they start are fetched first, so that no test waits for a download. */
async function test(args, env = {}) {
  const { temporalBinary } = await load('../servers/temporal/binary.ts');
  const [cli, testServer] = await Promise.all([
    temporalBinary('temporal'),
    temporalBinary('temporal-test-server'),
  ]);
  return jest(args, {
    ...env,
    TEMPORAL_CLI_PATH: cli,
    TEMPORAL_TEST_SERVER_PATH: testServer,
  });
}

/** `-- --seed N --count N`: so many requests of every sort at the API; the same seed sends the same again. */
function fuzz(args) {
  const { seed = '', count = '5000' } = parseArgs({
    args,
    options: { seed: { type: 'string' }, count: { type: 'string' } },
  }).values;
  return drills(['drills/fuzz/'], { CLAVE_FUZZ_SEED: seed, CLAVE_FUZZ_COUNT: count });
}

/** The `*.drill.test.ts`: processes killed, replaced and flooded, backups restored; all, or those that are named. */
const drills = (args, env = {}) => test(args, { ...env, CLAVE_TEST_KIND: 'drill' });

/** The same tests with encrypted payloads: all, or those that are named. */
const encryptedTest = (args) => {
  const key = `p1:${randomBytes(32).toString('base64')}`;
  return test(args, { CLAVE_PAYLOAD_KEY: key });
};

/** The `*.pages.test.ts`: the pages in a real browser, in every pair of state, language, width and colour scheme. */
const pages = (args) => test(args, { CLAVE_TEST_KIND: 'pages' });

/** The same with every combination of state, language, width and colour scheme, not only every pair. */
const allPages = (args) => test(args, { CLAVE_TEST_KIND: 'pages', CLAVE_PAGE_MATRIX: 'all' });

/** Only what needs no server: the rules, what the processes share, and the words of the pages. */
function unitTest(args) {
  const roots = ['domain', 'platform', 'gateway', 'portal', 'web', 'workflows'].flatMap((folder) => [
    '--roots',
    join(root, folder),
  ]);
  return jest([...roots, ...args], { CLAVE_TEST_SERVERS: 'none' });
}

async function check() {
  const plain = process.stdout.isTTY ? [] : ['--colors=off'];
  const steps = [
    ['types', [...nodeProgram('typescript', 'bin', 'tsc'), '--noEmit', '-p', '.']],
    ['style', [...nodeProgram('@biomejs', 'biome', 'bin', 'biome'), 'ci', ...plain, '.']],
  ];
  for (const name of ['architecture', 'packages'])
    steps.push([name, [join(root, 'tools', `check-${name}.mjs`)]]);
  const failed = [];
  for (const [name, args] of steps) if ((await node(args)) !== 0) failed.push(name);
  say(failed.length === 0 ? 'All checks passed.' : `Failed: ${failed.join(', ')}.`);
  return failed.length === 0 ? 0 : 1;
}

/** JavaScript in dist/, with the texts and migrations that it reads beside it. */
async function build() {
  rmSync(join(root, 'dist'), { recursive: true, force: true });
  const code = await node([...nodeProgram('typescript', 'bin', 'tsc'), '-p', 'tsconfig.build.json']);
  for (const data of ['locales', 'prisma/schema.prisma', 'prisma/migrations', 'gateway', 'portal', 'web'])
    cpSync(join(root, data), join(root, 'dist', data), {
      recursive: true,
      filter: (file) => !/\.(?:ts|test\.\w+)$/.test(file),
    });
  return code === 0 ? node([join(root, 'dist', 'worker', 'write-workflow-bundle.js')]) : code;
}

/** One citizen through the whole life of a password, on a service of its own. */
const walk = async () => (await load('../walk/walk.ts')).walk();

/** Real processes killed and stopped at every step of every journey. */
const faults = async (args) => (await load('../../drills/faults/main.ts')).main(args);

/** `-- --minutes N`: APIs and workers replaced one after the other under load. */
const rolling = async (args) => (await load('../../drills/rolling/main.ts')).main(args);

/** `-- --only <promise or name> --list`: whether the tests notice when a promise of docs/security.md is broken. */
const mutations = async (args) => (await load('../../drills/mutations/main.ts')).main(args);

/** `-- --tries N --bursts N`: whether the time of a refusal discloses who is registered. */
const timing = async (args) => (await load('../../drills/timing/timing.ts')).timing(args);

/** `-- --count N`: so many requests at once on sign-in, then on activation. */
const overload = async (args) => (await load('../../drills/overload/report.ts')).overloadReport(args);

/** `bench:sign-in` and its like: the figures of docs/performance.md. */
const bench = (name) => async (args) => (await load(`../../bench/${name}.ts`)).main(args);

/** Every page at three widths, and the README's pictures. */
const screenshots = (args) => node(['--import', 'tsx', join(root, 'test/portal/screenshots.ts'), ...args]);

/** By the names of package.json's scripts. */
export const commands = {
  start,
  test,
  'test:unit': unitTest,
  'test:drills': drills,
  'test:encrypted': encryptedTest,
  'test:pages': pages,
  'test:pages:all': allPages,
  check,
  build,
  walk,
  faults,
  fuzz,
  rolling,
  mutations,
  timing,
  overload,
  'bench:sign-in': bench('sign-in'),
  'bench:activation': bench('activation'),
  'bench:gateway': bench('gateway'),
  'bench:sleepers': bench('sleepers'),
  'bench:start': bench('start'),
  'bench:storage': bench('storage'),
  screenshots,
};
