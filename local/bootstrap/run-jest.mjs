// One run of Jest: in a temporary folder and a process group of its own, neither of which outlives it.
import {
  accessSync,
  chmodSync,
  constants,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { nodeProgram, run } from './programs.mjs';

/** Runs Jest with these arguments. @returns {Promise<number>} its exit code */
export async function jest(args, env = {}) {
  const isPlain = !{ ...process.env, ...env }.CLAVE_TEST_KIND;
  const folder = makeFolder((isPlain && memoryFolder()) || tmpdir());
  chmodSync(folder, 0o711); // PostgreSQL's own account has to reach its data in it
  // The SDK's native handle stays open when the tests are over: hence --forceExit.
  const flags = [
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    // Each test file loads its modules anew: with the usual 16 MB a tenth of the processor time is garbage collection.
    '--max-semi-space-size=64',
    // V8 would optimize the functions of each file's modules anew: with fifteen times its threshold, a twenty-fifth less
    // processor time in all. Drills and pages run as the product does.
    ...(isPlain ? ['--interrupt-budget=1000000'] : []),
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

const folderPrefix = 'clave-test-';
const makeFolder = (within) => mkdtempSync(join(within, folderPrefix));

/**
 * A folder in memory with room for a run, unless TMPDIR names another. The database of a test file is three hundred new files,
 * which takes a third of a second of processor time on ext4 and a twentieth of that in memory.
 */
function memoryFolder() {
  const folder = '/dev/shm';
  if (process.env.TMPDIR) return undefined;
  try {
    if (/ \/dev\/shm \S+ \S*\bnoexec\b/.test(readFileSync('/proc/mounts', 'utf8'))) return undefined;
    accessSync(folder, constants.W_OK);
    removeLeftovers(folder);
    const { bavail, bsize } = statfsSync(folder);
    // The limit of a container, too, which the file system does not know.
    const room = Math.min(bavail * bsize, process.availableMemory());
    return room >= leastRoom ? folder : undefined;
  } catch {
    return undefined;
  }
}

/** Octets: of a run's files, and of its processes beside them. */
const leastRoom = 10 * 2 ** 30;

/** Folders of runs that were killed would keep their memory until the machine restarts. */
function removeLeftovers(within) {
  const anHourAgo = Date.now() - 3_600_000;
  for (const name of readdirSync(within)) {
    const folder = join(within, name);
    if (!name.startsWith(folderPrefix) || statSync(folder).mtimeMs > anHourAgo) continue;
    if (processesOf(folder).length === 0) rmSync(folder, { recursive: true, force: true });
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
