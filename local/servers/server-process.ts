import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, fstatSync, mkdtempSync, openSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LocalServerError } from './local-server-error.ts';

/** How a process ended: one of the two is set. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A running program whose output goes to a file and never through a pipe of ours. */
export interface ServerProcess {
  readonly pid: number;
  /** Resolves, never rejects, once the process is gone. */
  readonly exited: Promise<Exit>;
  /** Asks it to end, then kills it after `graceMs` (10 s). Resolves when it is gone; may be called again. */
  stop(signal?: NodeJS.Signals, graceMs?: number): Promise<void>;
  /** The end of what it wrote since it was started, at most 4 KiB. */
  output(): string;
}

/** Called with the id of a process as soon as it is started, so that it can be ended even if the start fails later. */
export type OnSpawn = (pid: number) => void;

/** What to run, and how. `log` is a file to append to; without it the output is kept in an unnamed one. */
export interface ServerCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly log?: string | undefined;
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
  /**
   * True: it gets a process group of its own, so that Ctrl-C in the terminal does not reach it, and it may outlive this
   * process. False: it ends when this process ends.
   */
  readonly ownGroup: boolean;
  /** An IPC channel that closes when we are gone: a Node process gets `disconnect`. */
  readonly channel?: boolean;
  /** Called before anything is awaited. */
  readonly onSpawn?: OnSpawn | undefined;
}

// A file and not a pipe: if the launcher is killed, the server keeps writing instead of ending with EPIPE.
function openLog(log: string | undefined): number {
  if (log !== undefined) return openSync(log, 'a+', 0o600);
  const folder = mkdtempSync(join(tmpdir(), 'clave-log-'));
  const file = openSync(join(folder, 'log'), 'a+', 0o600);
  rmSync(folder, { recursive: true, force: true });
  return file;
}

function tail(file: number, from: number): string {
  const size = fstatSync(file).size;
  const start = Math.max(from, size - 4096);
  const buffer = Buffer.alloc(Math.max(0, size - start));
  readSync(file, buffer, 0, buffer.length, start);
  return buffer.toString('utf8');
}

function whenGone(child: ChildProcess): Promise<Exit> {
  return new Promise((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })));
}

// When this process ends, even by SIGKILL, its end of the pipe closes, and the shell that reads from it ends the program.
function endWithUs(pid: number): ChildProcess {
  const script = 'read _; kill -INT "$0"';
  return spawn('/bin/sh', ['-c', script, String(pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
}

/** Starts a program. @throws LocalServerError if it cannot be run at all. */
export async function startProcess(what: ServerCommand): Promise<ServerProcess> {
  const file = openLog(what.log);
  const from = fstatSync(file).size;
  const child = spawn(what.command, what.args, {
    env: what.env,
    cwd: what.cwd,
    uid: what.uid,
    gid: what.gid,
    stdio: ['ignore', file, file, ...(what.channel ? ['ipc' as const] : [])],
    detached: what.ownGroup,
  });
  const exited = whenGone(child);
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (error) => {
      closeSync(file);
      reject(new LocalServerError(`${what.command} cannot be run: ${error.message}`));
    });
  });
  const { pid } = child;
  if (pid === undefined) throw new LocalServerError(`${what.command} cannot be run`);
  what.onSpawn?.(pid);

  const watch = what.ownGroup ? undefined : endWithUs(pid);

  let last: string | undefined;
  const gone = exited.then((exit) => {
    watch?.kill('SIGKILL');
    last = tail(file, from);
    closeSync(file);
    return exit;
  });
  return {
    pid,
    exited: gone,
    output: () => last ?? tail(file, from),
    async stop(signal = 'SIGTERM', graceMs = 10_000) {
      child.kill(signal);
      const kill = setTimeout(() => child.kill('SIGKILL'), graceMs);
      await gone;
      clearTimeout(kill);
    },
  };
}
