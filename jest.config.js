/** `drill` or `pages`, as `npm run test:drills` and `test:pages` set it; `npm test` runs what is neither. */
const kind = process.env.CLAVE_TEST_KIND;

/** @type {import('jest').Config} */
export default {
  testEnvironment: './test/run/jest-environment.mjs',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
        module: { type: 'es6' },
      },
    ],
  },
  testMatch: [kind ? `**/*.${kind}.test.ts` : '**/*.test.ts'],
  testPathIgnorePatterns: [
    '/node_modules/',
    '/dist/',
    '/.clave/',
    ...(kind ? [] : ['\\.(drill|pages)\\.test\\.ts$']),
  ],
  // Kept between runs: each run has a temporary folder of its own.
  cacheDirectory: '.cache/jest',
  modulePathIgnorePatterns: ['/dist/', '/.clave/'],
  globalSetup: './test/run/global-setup.mjs',
  globalTeardown: './test/run/global-teardown.mjs',
  reporters: ['default', './test/run/closing-line.mjs'],
  // Tests wait for servers half of the time: four files at once keep two cores busy (with three: a twentieth longer).
  // Drills start processes of their own and put load on them: no more than there are cores.
  maxWorkers: kind === 'drill' ? 2 : 4,
  // Within a file, those that mostly wait run at once (`test.concurrent`).
  maxConcurrency: 20,
  // Modules of finished test files stay in memory: a worker process is replaced before garbage collection takes long.
  workerIdleMemoryLimit: '2000MB',
  testTimeout: 180_000,
};
