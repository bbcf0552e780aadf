import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

/** Whether there is a process with this id, ours or not. */
export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/**
 * The command line of a process, undefined if there is none. A process id in a file may have gone to another
 * program since: the same id with the same command line is the same process.
 */
export function commandLineOf(pid: number): string | undefined {
  if (existsSync('/proc/self/cmdline')) {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim() || undefined;
    } catch {
      return undefined;
    }
  }
  const { stdout } = spawnSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
  return stdout.trim() || undefined;
}

/** Identifies a process to a later run of the launcher. */
export interface Identity {
  readonly pid: number;
  readonly command: string;
}

/** Whether the process still runs, and its id was not reused by another program. */
export function isSameProcess({ pid, command }: Identity): boolean {
  return isAlive(pid) && commandLineOf(pid) === command;
}
