import { fork } from 'node:child_process';
import { once } from 'node:events';
import { claimPort, LOOPBACK } from '../local/ports.ts';
import { projectRoot } from '../local/project-root.ts';

/** A floor: a process of its own, with the product's settings, that does the least that could be done. */
export interface Floor {
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
}

/** `script`: below `bench/floors`. It says `ready` over its channel. */
export async function startFloor(
  script: string,
  environment: Readonly<Record<string, string>>,
): Promise<Floor> {
  const port = await claimPort(0, 'a floor', 'PORT');
  const child = fork(`${projectRoot()}/bench/floors/${script}`, [], {
    execArgv: ['--import', 'tsx'],
    env: { ...environment, PATH: process.env['PATH'], PORT: String(port) },
  });
  await once(child, 'message');
  return {
    pid: child.pid ?? 0,
    url: `http://${LOOPBACK}:${port}`,
    async stop() {
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}
