import { fork } from 'node:child_process';
import { once } from 'node:events';
import { projectRoot } from '../local/project-root.ts';
import { claimPort, LOOPBACK } from '../local/servers/ports.ts';

/** A baseline: a process of its own that does the least that could be done. */
export interface Baseline {
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
}

/**
 * `script`: below `bench/baselines`; it says `ready` over its channel. `environment`: that of the process that it
 * stands in for, with Node's memory settings. @throws Error if it ends before it is ready
 */
export async function startBaseline(
  script: string,
  environment: Readonly<Record<string, string>>,
): Promise<Baseline> {
  const port = await claimPort(0, 'a baseline', 'PORT');
  const child = fork(`${projectRoot()}/bench/baselines/${script}`, [], {
    execArgv: ['--import', 'tsx'],
    env: { ...environment, PATH: process.env['PATH'], PORT: String(port) },
  });
  const ended = once(child, 'exit');
  // However this process ends, no child is left.
  const kill = () => void child.kill('SIGKILL');
  process.once('exit', kill);
  await Promise.race([
    once(child, 'message'),
    ended.then(([code]) => {
      throw new Error(`${script} ended with ${code} before it was ready`);
    }),
  ]);
  return {
    pid: child.pid ?? 0,
    url: `http://${LOOPBACK}:${port}`,
    async stop() {
      child.kill('SIGTERM');
      await ended;
      process.off('exit', kill);
    },
  };
}
