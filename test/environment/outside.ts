import path from 'node:path';
import { pathToFileURL } from 'node:url';

declare global {
  /** Set by test/run/jest-environment.mjs. */
  var loadOutside: ((url: string) => Promise<unknown>) | undefined;
}

/**
 * Loads a module of the project outside of the test file's module registry: evaluated once a Jest worker process, it
 * can hold what several test files share, and costs its import once. `file` is relative to the project's folder.
 * Its classes are not those that the test file imports: `instanceof` between the two is false.
 */
export function outside<Module>(file: string): Promise<Module> {
  const url = pathToFileURL(path.resolve(file)).href;
  const load = globalThis.loadOutside ?? ((address: string) => import(address));
  return load(url) as Promise<Module>;
}
