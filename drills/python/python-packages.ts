import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../local/project-root.ts';

/** A folder of packages for PYTHONPATH, or why they cannot be had. */
export type PythonPackages = { readonly path: string } | { readonly missing: string };

/** Runs Python and returns its output. @throws Error with the last line that speaks of an error */
export function pythonOutput(args: readonly string[], env: Readonly<Record<string, string>> = {}): string {
  const { status, stdout, stderr, error } = spawnSync('python3', args, {
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
  if (error) throw new Error('python3 is not installed');
  if (status !== 0) throw new Error(stderr.split('\n').findLast((line) => /error/i.test(line)) ?? stderr);
  return stdout.trim();
}

/**
 * Installs the packages of a requirements file into `.cache`, each checked against its pinned hash, unless they are there
 * already.
 */
export function installPythonPackages(name: string, requirements: string): PythonPackages {
  const cache = join(projectRoot(), '.cache');
  try {
    const python = pythonOutput(['-c', 'import sys; print(sys.implementation.cache_tag)']);
    const digest = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12);
    const path = join(cache, `${name}-${python}-${process.arch}-${digest}`);
    if (existsSync(path)) return { path };
    mkdirSync(cache, { recursive: true });
    const unfinished = mkdtempSync(join(cache, 'fetching-'));
    try {
      const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps'];
      const pinned = ['--only-binary', ':all:', '--require-hashes', '-r', requirements];
      pythonOutput([...pip, ...pinned, '--target', join(unfinished, 'packages')]);
      renameSync(join(unfinished, 'packages'), path);
    } finally {
      rmSync(unfinished, { recursive: true, force: true });
    }
    return { path };
  } catch (error) {
    return { missing: (error as Error).message };
  }
}
