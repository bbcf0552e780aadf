import { cpSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import { projectRoot } from '../../local/project-root.ts';
import { type Mutation, mutate } from './mutation.ts';

/** A copy of the project in a temporary folder, with the packages of the original. */
export interface CheckoutCopy {
  readonly folder: string;
  /** Puts a mutation in force until `work` has ended. */
  withMutation<Result>(mutation: Mutation, work: () => Promise<Result>): Promise<Result>;
  remove(): void;
}

/** What is installed, built or running is not copied. */
const isCopied = (path: string): boolean =>
  !/^(?:\.git|node_modules|dist|\.cache|\.clave)$/.test(path.split(sep)[0] ?? '');

/** Copies the project as it is now, with changes that are not committed. */
export function copyCheckout(): CheckoutCopy {
  const root = projectRoot();
  // The real path: Jest compares paths.
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'clave-mutations-')));
  const remove = () => rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  process.once('exit', remove);
  cpSync(root, folder, { recursive: true, filter: (source) => isCopied(relative(root, source)) });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'dir');
  return {
    folder,
    remove,
    async withMutation(mutation, work) {
      const file = join(folder, mutation.file);
      const source = readFileSync(file, 'utf8');
      writeFileSync(file, mutate(source, mutation));
      try {
        return await work();
      } finally {
        writeFileSync(file, source);
      }
    },
  };
}
