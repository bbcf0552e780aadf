// One run of Jest: in a temporary folder and a process group of its own, neither of which outlives it.
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { nodeProgram, run } from './programs.mjs';

/** Runs Jest with these arguments. @returns {Promise<number>} its exit code */
export async function jest(args, env = {}) {
  const folder = mkdtempSync(join(inMemory() ?? tmpdir(), 'clave-test-'));
  chmodSync(folder, 0o711); // PostgreSQL's own account has to reach its data in it
  // The SDK's native handle stays open when the tests are over: hence --forceExit.
  const flags = [
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    // Each test file loads its modules anew: with the usual 16 MB a tenth of the processor time is garbage collection.
    '--max-semi-space-size=64',
    // And for each its functions would be optimized anew: only those that are called most are.
    '--interrupt-budget=1000000',
  ];
  try {
    return await run(
      process.execPath,
      [...flags, ...nodeProgram('jest', 'bin', 'jest.js'), '--forceExit', ...args],
      { env: { ...env, TMPDIR: folder }, ownGroup: true },
    );
  } finally {
    await killProcessesOf(folder);
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

/**
 * A folder in memory, where there is one with room: each test file's own database is three hundred new files, which takes a
 * third of a second of processor time on ext4 and a twentieth of it in memory.
 */
function inMemory() {
  const folder = '/dev/shm';
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize >= 4 * 2 ** 30 ? folder : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Kills what an interrupted run has left, including processes with a group of their own. They are recognised by
 * the run's folder in their environment or command line; where there is no /proc, the process group has to do.
 */
async function killProcessesOf(folder) {
  for (let round = 0; round < 50; round += 1) {
    const left = processesOf(folder);
    if (left.length === 0) return;
    // PostgreSQL gives its shared memory back when it is asked to stop, not when it is killed.
    if (round === 0) for (const pid of left) kill(pid, 'SIGINT');
    if (round >= 30) for (const pid of left) kill(pid, 'SIGKILL');
    await sleep(100);
  }
}

function kill(pid, signal) {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended by itself.
  }
}

function processesOf(folder) {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name) && belongs(name, folder))
      .map(Number);
  } catch {
    return [];
  }
}

function belongs(pid, folder) {
  try {
    return ['environ', 'cmdline'].some((file) =>
      readFileSync(`/proc/${pid}/${file}`, 'utf8').includes(folder),
    );
  } catch {
    return false;
  }
}
