import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { readPrivateJson, writePrivateJson } from '../launcher/private-file.ts';
import { LocalServerError } from '../servers/local-server-error.ts';
import { commandLineOf, type Identity, isSameProcess } from './process-identity.ts';

const shape = z.record(z.string(), z.object({ pid: z.int(), command: z.string() }));

const signal = (pid: number, name: NodeJS.Signals): void => {
  try {
    process.kill(pid, name);
  } catch {
    // gone already
  }
};

/** The processes that this launcher has started, written down so that the next one can end those of a killed one. */
export class ChildRegistry {
  readonly #file: string;
  readonly #running = new Map<string, Identity>();

  constructor(file: string) {
    this.#file = file;
  }

  started(name: string, pid: number): void {
    this.#running.set(name, { pid, command: commandLineOf(pid) ?? '' });
    writePrivateJson(this.#file, Object.fromEntries(this.#running));
  }

  /** Ends all of them at once and hard. Safe to call when they are gone: a process id's new owner is left alone. */
  killAll(): void {
    for (const child of this.#running.values()) if (isSameProcess(child)) signal(child.pid, 'SIGKILL');
  }

  /** All have been stopped: nothing is left to end. */
  forget(): void {
    this.#running.clear();
    rmSync(this.#file, { force: true });
  }
}

/**
 * Ends what a launcher that was killed has left running. @returns the names of those that were.
 * @throws LocalServerError if one of them does not go.
 */
export async function stopOrphans(file: string): Promise<string[]> {
  const left = Object.entries(readPrivateJson(file, shape) ?? {}).filter(([, child]) => isSameProcess(child));
  for (const [name, { pid }] of left) signal(pid, name === 'postgres' ? 'SIGINT' : 'SIGTERM');
  for (const end = Date.now() + 10_000; Date.now() < end && left.some(([, child]) => isSameProcess(child)); )
    await sleep(50);
  for (const [, child] of left) if (isSameProcess(child)) signal(child.pid, 'SIGKILL');
  for (const end = Date.now() + 2_000; Date.now() < end && left.some(([, child]) => isSameProcess(child)); )
    await sleep(50);
  const stubborn = left.find(([, child]) => isSameProcess(child));
  if (stubborn)
    throw new LocalServerError(
      `${stubborn[0]} of an earlier run (process ${stubborn[1].pid}) does not stop: end it by hand.`,
    );
  rmSync(file, { force: true });
  return left.map(([name]) => name);
}
