import { AsyncLocalStorage } from 'node:async_hooks';
import { TestEnvironment } from 'jest-environment-node';

/**
 * Jest's environment for Node. Jest gives each test file a module registry of its own, so what a file imports is evaluated
 * again for each. What is imported by `importOutsideJest` (test/environment/import-once-per-worker.ts) is evaluated once for
 * each Jest worker process, and lives as long as that.
 */
export default class Environment extends TestEnvironment {
  async setup() {
    await super.setup();
    silenceRuntimeWarning(this.global.console);
    this.global.importOutsideJest = importOutsideJest;
  }

  async teardown() {
    disableStorages();
    await super.teardown();
  }
}

/** oidc-provider warns of Node 20 whenever a test file imports it. */
function silenceRuntimeWarning(console) {
  const warn = console.warn.bind(console);
  console.warn = (...said) => {
    if (!String(said[0]).includes('oidc-provider WARNING: Unsupported runtime')) warn(...said);
  };
}

/**
 * The service that test files share runs until its process ends, so that the process does not end by itself: Jest would kill
 * it after half a second, and warn. `endOfWork` is what jest-worker tells a process that has no more files to run. An ordinary
 * exit takes longer than that on a busy machine, with the threads of Temporal's SDK to end.
 */
const endOfWork = 2;
process.on('message', ([type]) => {
  if (type === endOfWork) process.kill(process.pid, 'SIGKILL');
});

let tsx;

async function importOutsideJest(url) {
  tsx ??= import('tsx/esm/api').then(({ register }) => register());
  await tsx;
  return import(url);
}

/**
 * Up to Node 22, every promise looks through all AsyncLocalStorages that were ever used in its process. Temporal's SDK
 * makes one for each connection and never disables it: after forty test files that took a third of the processor time.
 * One that is still in use is enabled again by its next `run`.
 */
const enabledStorages = new Set();
const enable = AsyncLocalStorage.prototype._enable;
if (enable)
  AsyncLocalStorage.prototype._enable = function () {
    if (!this.enabled) enabledStorages.add(this);
    enable.call(this);
  };

function disableStorages() {
  for (const storage of enabledStorages) storage.disable();
  enabledStorages.clear();
}
