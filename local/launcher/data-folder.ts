import { chmodSync, existsSync, mkdirSync, renameSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { LocalServerError } from '../servers/local-server-error.ts';

/** Where things are below CLAVE_DATA_DIR. Keys lie beside the databases, not among them. */
export interface DataFolder {
  readonly path: string;
  readonly postgres: string;
  readonly temporalDb: string;
  readonly keys: string;
  readonly logs: string;
  readonly lock: string;
  readonly children: string;
  readonly environment: string;
}

/** Makes the folders that are missing. @throws LocalServerError if that cannot be. */
export function openDataFolder(asked: string): DataFolder {
  const path = resolve(asked);
  const folder: DataFolder = {
    path,
    postgres: join(path, 'postgres'),
    temporalDb: join(path, 'temporal', 'temporal.db'),
    keys: join(path, 'keys'),
    logs: join(path, 'logs'),
    lock: join(path, 'launcher.lock'),
    children: join(path, 'children.json'),
    environment: join(path, 'environment.json'),
  };
  try {
    mkdirSync(path, { recursive: true });
    chmodSync(path, 0o711); // PostgreSQL's own account may pass through; no other account may list it
    for (const inner of [folder.keys, folder.logs, join(path, 'temporal')]) {
      mkdirSync(inner, { recursive: true });
      chmodSync(inner, 0o700);
    }
    return folder;
  } catch (error) {
    throw new LocalServerError(`CLAVE_DATA_DIR: ${path} cannot be used: ${(error as Error).message}`);
  }
}

/** The log of one child for this run; the previous run's is kept as `.1`. */
export function freshLog({ logs }: DataFolder, name: string): string {
  const file = join(logs, `${name}.log`);
  if (existsSync(file)) renameSync(file, `${file}.1`);
  return file;
}
