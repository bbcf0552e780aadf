// Running other programs. Plain JavaScript without packages: this runs before any is installed.
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's folder. */
export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** A line for people. */
export const say = (line) => void process.stdout.write(`${line}\n`);

/** What ends the command with one line and exit code 1. */
export class Refusal extends Error {
  name = 'Refusal';
}

/** The arguments that run a program of an installed package with this Node. */
export const nodeProgram = (...parts) => [join(root, 'node_modules', ...parts)];

/**
 * Runs a program with our terminal and passes signals on to it. `ownGroup`: in a process group of its own, whose
 * remaining processes are killed when the program ends.
 * @returns {Promise<number>} its exit code, 128 and more if a signal ended it
 */
export function run(command, args, { env = {}, output = 'inherit', ownGroup = false } = {}) {
  return new Promise((resolve, reject) => {
    let child;
    const passOn = (signal) => child.kill(signal);
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
    // Before the program starts: a signal during that would end this process alone.
    for (const signal of signals) process.on(signal, passOn);
    child = spawn(command, args, {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ['inherit', output, output],
      detached: ownGroup,
    });
    child.once('error', (error) => reject(new Refusal(`${command} cannot be run: ${error.message}`)));
    child.once('exit', (code, signal) => {
      for (const name of signals) process.off(name, passOn);
      if (ownGroup) killGroup(child.pid);
      resolve(code ?? (signal === 'SIGINT' ? 130 : 143));
    });
  });
}

function killGroup(pid) {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // No process of the group is left.
  }
}

/** Says every ten seconds that something long is still going on. */
export async function withProgress(what, work) {
  const start = Date.now();
  say(`${what} …`);
  const beat = setInterval(
    () => say(`  … still at it, ${Math.round((Date.now() - start) / 1000)} s`),
    10_000,
  );
  try {
    return await work();
  } finally {
    clearInterval(beat);
  }
}
