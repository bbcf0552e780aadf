import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readlinkSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LocalServerError } from '../local-server-error.ts';

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

// A pid in a file may have gone to another program since: PostgreSQL's working folder is its data folder.
function runsOn(pid: number, dataDir: string): boolean {
  if (existsSync('/proc/self/cwd')) {
    try {
      return realpathSync(readlinkSync(`/proc/${pid}/cwd`)) === realpathSync(dataDir);
    } catch {
      return false;
    }
  }
  const { stdout } = spawnSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
  return stdout.includes('postgres') && stdout.includes(dataDir);
}

async function goneWithin(pid: number, ms: number): Promise<boolean> {
  for (const end = Date.now() + ms; Date.now() < end; await sleep(50)) if (!isAlive(pid)) return true;
  return !isAlive(pid);
}

/**
 * Ends a server of an earlier run on this data folder, whose launcher was killed, and takes away its pid file.
 * @throws LocalServerError if it does not go.
 */
export async function stopOrphan(dataDir: string): Promise<void> {
  const file = join(dataDir, 'postmaster.pid');
  if (!existsSync(file)) return;
  const pid = Number.parseInt(readFileSync(file, 'utf8'), 10);
  if (pid > 1 && isAlive(pid) && runsOn(pid, dataDir)) {
    process.kill(pid, 'SIGINT'); // PostgreSQL's "fast" shutdown
    if (!(await goneWithin(pid, 10_000))) process.kill(pid, 'SIGQUIT'); // "immediate": recovers at the next start
    if (!(await goneWithin(pid, 5_000)))
      throw new LocalServerError(
        `A PostgreSQL of an earlier run (process ${pid}) does not stop: end it by hand.`,
      );
  }
  rmSync(file, { force: true });
}
