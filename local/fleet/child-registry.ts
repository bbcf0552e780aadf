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

/** The processes that this launcher has started, kept in a file so that the next launcher can end those of a killed one. */
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

  /** Kills all of them. Safe to call when they are gone: another program with a reused process id is left alone. */
  killAll(): void {
    for (const child of this.#running.values()) if (isSameProcess(child)) signal(child.pid, 'SIGKILL');
  }

  /** Deletes the file, once all have been stopped. */
  forget(): void {
    this.#running.clear();
    rmSync(this.#file, { force: true });
  }
}

/**
 * Ends the processes that a killed launcher has left running. @returns their names.
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
