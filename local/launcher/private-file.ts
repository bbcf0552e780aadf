import { chmodSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import type { z } from 'zod';
import { LocalServerError } from '../servers/local-server-error.ts';

/** Writes JSON that only we may read (mode 600), atomically: a concurrent reader gets the old content or the new. */
export function writePrivateJson(file: string, content: unknown): void {
  const beside = `${file}.new`;
  rmSync(beside, { force: true });
  writeFileSync(beside, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
  renameSync(beside, file);
}

/**
 * Reads such a file, and removes the rights of other accounts.
 * @returns undefined if there is none. @throws LocalServerError if it is not what it should be.
 */
export function readPrivateJson<Shape extends z.ZodType>(
  file: string,
  shape: Shape,
): z.infer<Shape> | undefined {
  if (!existsSync(file)) return undefined;
  try {
    chmodSync(file, 0o600);
    return shape.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code) throw new LocalServerError(`${file} cannot be read (${code}): does it belong to another user?`);
    throw new LocalServerError(`${file} is broken: restore it from a backup, or move it away.`);
  }
}
