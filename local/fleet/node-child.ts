import { join } from 'node:path';
import { projectRoot } from '../project-root.ts';
import { type OnSpawn, type ServerProcess, startProcess } from '../servers/server-process.ts';

/** A process of our own code. Settings go by environment: a command line is readable to every account. */
export interface NodeChild {
  /** The TypeScript source, below the project's folder. */
  readonly script: string;
  readonly env: NodeJS.ProcessEnv;
  /** Arguments of the script: never a secret, for the same reason. */
  readonly args?: readonly string[];
  /** Without one its output is kept by nobody. */
  readonly log: string | undefined;
  /** Where `build` has put the compiled scripts; from source without it. */
  readonly builtFolder?: string | undefined;
  /** Options of Node itself. */
  readonly nodeOptions?: readonly string[];
  /** Whether it may outlive us: see `ServerCommand.ownGroup`. Default: true. */
  readonly ownGroup?: boolean;
  readonly onSpawn?: OnSpawn;
}

/** Starts one of our own processes. It gets `disconnect` when the process that started it is gone. */
export function startNodeChild({
  script,
  env,
  args = [],
  log,
  builtFolder,
  nodeOptions = [],
  ownGroup = true,
  onSpawn,
}: NodeChild): Promise<ServerProcess> {
  const root = projectRoot();
  const program =
    builtFolder === undefined
      ? ['--import', 'tsx', join(root, script)]
      : [join(builtFolder, script.replace(/\.ts$/, '.js'))];
  return startProcess({
    command: process.execPath,
    args: [...nodeOptions, ...program, ...args],
    env,
    cwd: root,
    log,
    ownGroup,
    channel: true,
    onSpawn,
  });
}
