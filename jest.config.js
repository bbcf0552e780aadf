/** @type {import('jest').Config} */
export default {
  testEnvironment: 'node',
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
  testMatch: ['**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/', '/.clave/'],
  modulePathIgnorePatterns: ['/dist/', '/.clave/'],
  globalSetup: './test/run/global-setup.mjs',
  globalTeardown: './test/run/global-teardown.mjs',
  reporters: ['default', './test/run/closing-line.mjs'],
  // Most of a test is waiting for servers: two files at once keep two cores busy.
  maxWorkers: 2,
  // Modules of each file stay in memory with the one after: a worker that has grown begins anew, before that costs time.
  workerIdleMemoryLimit: '700MB',
  setupFilesAfterEnv: ['./test/environment/retry-in-ci.ts'],
  testTimeout: 180_000,
};
