import path from 'node:path';
import { pathToFileURL } from 'node:url';

declare global {
  /** Set by test/run/jest-environment.mjs. */
  var importOutsideJest: ((url: string) => Promise<unknown>) | undefined;
}

/**
 * Imports a module of the project once for each Jest worker process, outside of the module registry that Jest gives each
 * test file: it can hold what several test files share, and costs its import once. `file` is relative to the project's
 * folder. Its classes are not those that the test file imports: `instanceof` between the two is false.
 */
export function importOncePerWorker<Module>(file: string): Promise<Module> {
  const url = pathToFileURL(path.resolve(file)).href;
  const load = globalThis.importOutsideJest ?? ((address: string) => import(address));
  return load(url) as Promise<Module>;
}
