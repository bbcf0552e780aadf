import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { commandLineOf, type Identity, isSameProcess } from '../fleet/process-identity.ts';
import { LocalServerError } from '../servers/local-server-error.ts';

function holderOf(file: string): Identity | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Identity;
  } catch {
    return undefined;
  }
}

function write(file: string): boolean {
  const self: Identity = { pid: process.pid, command: commandLineOf(process.pid) ?? '' };
  try {
    writeFileSync(file, JSON.stringify(self), { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw new LocalServerError(`${file} cannot be written: ${(error as Error).message}`);
  }
}

/**
 * One launcher at a time per data folder; one that was killed holds nothing. @returns what gives the lock back.
 * @throws LocalServerError naming the process that has it.
 */
export function takeLock(file: string): () => void {
  if (!write(file)) {
    const holder = holderOf(file);
    if (holder && isSameProcess(holder))
      throw new LocalServerError(
        `Already running here (process ${holder.pid}): stop that one first, or set CLAVE_DATA_DIR to another folder.`,
      );
    // Two launchers may find the lock of a dead one: only one of them succeeds in moving the file away.
    const aside = `${file}.${process.pid}`;
    try {
      renameSync(file, aside);
      rmSync(aside, { force: true });
    } catch {
      // the other one was faster
    }
    if (!write(file)) throw new LocalServerError('Another start is under way on the same data folder.');
  }
  return () => {
    if (holderOf(file)?.pid === process.pid) rmSync(file, { force: true });
  };
}
