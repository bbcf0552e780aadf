import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../project-root.ts';

/** The processes as JavaScript, as `npm run build` makes them, in a folder of their own: they start sooner than source. */
export interface Built {
  readonly folder: string;
  /** The workflows as its worker runs them. */
  readonly bundle: string;
  remove(): void;
}

/** `root`: of a checkout whose packages are installed. @throws Error with the compiler's output */
export function build(root = projectRoot()): Built {
  mkdirSync(join(root, '.cache'), { recursive: true });
  // Below the project, where node_modules is found.
  const folder = mkdtempSync(join(root, '.cache', 'faults-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  process.once('exit', remove);
  const step = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
    if (status === 0) return;
    remove();
    throw new Error(`the processes cannot be built:\n${stdout}${stderr}`);
  };
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  step(compiler, '-p', 'tsconfig.build.json', '--outDir', folder);
  step(join(folder, 'worker', 'write-workflow-bundle.js'));
  for (const data of ['locales', 'prisma/schema.prisma', 'prisma/migrations', 'gateway', 'portal', 'web'])
    cpSync(join(root, data), join(folder, data), {
      recursive: true,
      filter: (file) => !/\.(?:ts|test\.\w+)$/.test(file),
    });
  return { folder, bundle: join(folder, 'worker', 'workflows.bundle'), remove };
}
