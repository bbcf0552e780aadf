import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LocalServerError } from './servers/local-server-error.ts';

/** The folder that holds package.json: found by walking up, so that it holds for sources and for dist alike. */
export function projectRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) {
    const parent = dirname(folder);
    if (parent === folder) throw new LocalServerError(`no package.json above ${import.meta.url}`);
    folder = parent;
  }
  return folder;
}
