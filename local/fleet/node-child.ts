import { join } from 'node:path';
import { projectRoot } from '../project-root.ts';
import { type OnSpawn, type ServerProcess, startProcess } from '../servers/server-process.ts';

/** A process of our own code. Settings go by environment, never on the command line, which everybody can read. */
export interface NodeChild {
  /** Below the project's folder. */
  readonly script: string;
  readonly env: NodeJS.ProcessEnv;
  readonly log: string;
  readonly onSpawn?: OnSpawn;
}

/** Starts one of our own processes from its TypeScript source. It gets `disconnect` when the launcher is gone. */
export function startNodeChild({ script, env, log, onSpawn }: NodeChild): Promise<ServerProcess> {
  const root = projectRoot();
  return startProcess({
    command: process.execPath,
    args: ['--import', 'tsx', join(root, script)],
    env,
    cwd: root,
    log,
    ownGroup: true,
    channel: true,
    onSpawn,
  });
}
