import { existsSync, statSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { LocalServerError } from '../local-server-error.ts';
import type { TemporalProgram } from './wheels.ts';

/** Makes the SDK put a program into a folder. It has no call for that alone: it starts the server, too. */
export type SdkStart = (program: TemporalProgram, downloadDir: string) => Promise<void>;

const startOnce: SdkStart = async (program, downloadDir) => {
  const { TestWorkflowEnvironment } = await import('@temporalio/testing');
  const server = { executable: { type: 'cached-download' as const, downloadDir } };
  const environment = await (program === 'temporal'
    ? TestWorkflowEnvironment.createLocal({ server })
    : TestWorkflowEnvironment.createTimeSkipping({ server }));
  await environment.teardown();
};

const largestIn = async (folder: string): Promise<string | undefined> => {
  const files = (await readdir(folder)).map((name) => join(folder, name));
  return files.sort((one, other) => statSync(one).size - statSync(other).size).at(-1);
};

/**
 * The last resort: the SDK's own download, in the version that suits the SDK, checked by nothing but TLS.
 * @throws LocalServerError if it does not come either.
 */
export async function downloadBySdk(
  cache: string,
  program: TemporalProgram,
  start: SdkStart = startOnce,
): Promise<string> {
  const path = join(cache, `${program}-sdk-${process.platform}-${process.arch}`);
  if (existsSync(path)) return path;
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, 'downloading-'));
  try {
    await start(program, folder);
    const file = await largestIn(folder);
    if (!file) throw new LocalServerError('nothing was downloaded');
    await chmod(file, 0o755);
    await rename(file, path);
    return path;
  } catch {
    throw new LocalServerError("the SDK's own download failed");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
