import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { IsolatedService } from '../../local/fleet/isolated-service.ts';
import type { Plan } from './plan.ts';

/** An injected fault. `atMs`: by the clock of `performance`. `over`: once a stopped process runs again; at once for a kill. */
export interface InjectedFault {
  readonly atMs: number;
  readonly over: Promise<void>;
}

/** Kills a process, or stops it for `stopMs`. PostgreSQL is stopped with all its children: each serves one connection. */
export function injectFault({ processName, fault, stopMs }: Plan, servers: IsolatedService): InjectedFault {
  const pid = servers.pidOf(processName);
  if (fault === 'kill') {
    signal(pid, 'SIGKILL');
    return { atMs: performance.now(), over: Promise.resolve() };
  }
  const pids = [pid, ...(processName === 'postgres' ? childrenOf(pid) : [])];
  for (const each of pids) signal(each, 'SIGSTOP');
  const goOn = async () => {
    await sleep(stopMs);
    for (const each of pids) signal(each, 'SIGCONT');
  };
  return { atMs: performance.now(), over: goOn() };
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // A child of PostgreSQL that has ended meanwhile.
  }
}

const childrenOf = (pid: number): number[] =>
  execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .flatMap(([child = 0, parent]) => (parent === pid ? [child] : []));
