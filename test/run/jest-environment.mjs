import { TestEnvironment } from 'jest-environment-node';

/**
 * Jest's environment for Node, with a way out: Jest gives each test file a module registry of its own, so what a file
 * imports is evaluated again for each. What is loaded through `loadOutside` (test/environment/outside.ts) is evaluated
 * once a Jest worker process, and lives as long as that.
 */
export default class Environment extends TestEnvironment {
  async setup() {
    await super.setup();
    this.global.loadOutside = loadOutside;
  }
}

let tsx;

async function loadOutside(url) {
  tsx ??= import('tsx/esm/api').then(({ register }) => register());
  await tsx;
  return import(url);
}
