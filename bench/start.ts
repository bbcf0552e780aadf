import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { portNames } from '../local/launcher/settings.ts';
import { projectRoot } from '../local/project-root.ts';
import { memoryMiB } from './processor-time.ts';
import { formatSpread, report, say } from './report.ts';
import { spreadOf } from './rounds.ts';

/**
 * `npm run bench:start -- --rounds 3`: how long until `npm start` says that it is ready, in a fresh clone whose packages
 * are in npm's and pip's caches, and once everything is installed; and what it holds of the memory then.
 */
export async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({ args, options: { rounds: { type: 'string', default: '3' } } });
  const folder = mkdtempSync(join(tmpdir(), 'clave-bench-start-'));
  const clone = join(folder, 'clone');
  try {
    const [fresh, installed]: [Started[], Started[]] = [[], []];
    for (let round = 0; round < Number(values.rounds); round += 1) {
      rmSync(clone, { recursive: true, force: true });
      execFileSync('git', ['clone', '--quiet', projectRoot(), clone]);
      fresh.push(await start(clone, join(folder, `fresh-${round}`)));
      say(`  … fresh: ${fresh[round]?.seconds.toFixed(1)} s`);
    }
    for (let round = 0; round < Number(values.rounds); round += 1)
      // With an empty data folder, and with one that is there.
      installed.push(await start(clone, join(folder, round % 2 === 0 ? `data-${round}` : 'fresh-0')));
    const freshSeconds = spreadOf(fresh.map((one) => one.seconds));
    const seconds = spreadOf(installed.map((one) => one.seconds));
    const memory = spreadOf(installed.map((one) => one.memoryMiB));
    const met = seconds.median <= 10;
    report('start', {
      rows: [
        { what: 'a fresh clone, packages in the caches', measured: `${formatSpread(freshSeconds)} s` },
        { what: 'installed', measured: `${formatSpread(seconds)} s` },
        { what: 'memory of all processes, from source, at rest', measured: `${formatSpread(memory, 0)} MiB` },
      ],
      targets: [{ what: 'installed to ready', wanted: '10 s at most', measured: formatSpread(seconds), met }],
      figures: { fresh, installed },
    });
    return met ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Started {
  readonly seconds: number;
  readonly memoryMiB: number;
}

/** Starts it as a person does, on ports of its own, and stops it. @throws Error where it does not get ready */
async function start(clone: string, dataFolder: string): Promise<Started> {
  const begunAt = performance.now();
  const child = spawn('npm', ['start'], {
    cwd: clone,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      CLAVE_DATA_DIR: dataFolder,
      ...Object.fromEntries(portNames.map((name) => [name, '0'])),
    },
  });
  const ended = once(child, 'exit');
  let said = '';
  await new Promise<void>((resolve, reject) => {
    const hear = (text: Buffer) => {
      said += String(text);
      if (said.includes('is ready')) resolve();
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.once('exit', () => reject(new Error(`it did not start:\n${said}`)));
  });
  const seconds = (performance.now() - begunAt) / 1_000;
  await sleep(3_000);
  const used = memoryMiB(child.pid ?? 0);
  // As Ctrl-C: to npm and to the launcher, which may end later than npm.
  process.kill(-(child.pid ?? 0), 'SIGINT');
  await ended;
  const isThere = () => existsSync(join(dataFolder, 'environment.json'));
  for (let waited = 0; isThere() && waited < 30; waited += 1) await sleep(1_000);
  if (isThere()) throw new Error(`not stopped in order:\n${said}`);
  return { seconds, memoryMiB: used };
}
