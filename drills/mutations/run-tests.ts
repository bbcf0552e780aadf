import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Outcome, outcomeOf, type TestResult } from './outcome.ts';

/** The files of `npm run test:unit` need no server. */
const needsNoServer = (file: string): boolean => /^(?:domain|platform|portal|workflows)\//.test(file);
/** Rules of `npm run check`, which docs/security.md names beside tests. */
const isRule = (file: string): boolean => file.startsWith('tools/architecture/');
const isDrill = (file: string): boolean => file.endsWith('.drill.test.ts');

/** After so long (ms) a run is ended, and counts as one that did not run. */
const timeoutMs = 30 * 60_000;

/** Runs test files in the folder of a copy: those that need no server first, and no more after the first failed test. */
export async function runTests(
  folder: string,
  files: readonly string[],
  { env, signal }: { env: NodeJS.ProcessEnv; signal: AbortSignal },
): Promise<Outcome> {
  const rules = files.filter(isRule);
  const unit = files.filter(needsNoServer);
  const drills = files.filter(isDrill);
  const others = files.filter((file) => ![...rules, ...unit, ...drills].includes(file));
  const runs = [
    ...(rules.length > 0 ? [() => runRules(folder, signal)] : []),
    ...[
      { kind: 'test', chosen: unit, servers: { CLAVE_TEST_SERVERS: 'none' } },
      { kind: 'test', chosen: others, servers: {} },
      { kind: 'test:drills', chosen: drills, servers: {} },
    ]
      .filter(({ chosen }) => chosen.length > 0)
      .map(
        ({ kind, chosen, servers }) =>
          () =>
            runJest(folder, kind, chosen, { env: { ...env, ...servers }, signal }),
      ),
  ];
  for (const run of runs) {
    const outcome = await run();
    if (outcome.kind !== 'survived') return outcome;
  }
  return { kind: 'survived' };
}

/** The rules of architecture. */
async function runRules(folder: string, signal: AbortSignal): Promise<Outcome> {
  const { code, output } = await run(folder, ['tools/check-architecture.mjs'], { env: {}, signal });
  if (code === 0) return { kind: 'survived' };
  const [first = ''] = output.split('\n');
  return code === 1
    ? { kind: 'red', detail: `npm run check: “${first}”`, message: '' }
    : { kind: 'did-not-run', detail: `npm run check: ${first}` };
}

async function runJest(
  folder: string,
  kind: string,
  files: readonly string[],
  { env, signal }: { env: NodeJS.ProcessEnv; signal: AbortSignal },
): Promise<Outcome> {
  const results = mkdtempSync(join(tmpdir(), 'clave-mutation-'));
  const file = join(results, 'results.jsonl');
  const reporter = join(folder, 'test', 'run', 'first-failure.mjs');
  try {
    const { output } = await run(
      folder,
      ['local/bootstrap.mjs', kind, '--runTestsByPath', ...files, `--reporters=${reporter}`],
      { env: { ...env, CLAVE_TEST_RESULTS: file }, signal },
    );
    const lines = existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
    return outcomeOf(
      lines.map((line) => JSON.parse(line) as TestResult),
      files,
      output,
    );
  } finally {
    rmSync(results, { recursive: true, force: true });
  }
}

/** Runs a script of the copy. It ends by SIGTERM when the drill is interrupted, and stops what it has started. */
function run(
  cwd: string,
  args: readonly string[],
  { env, signal }: { env: NodeJS.ProcessEnv; signal: AbortSignal },
): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      cwd,
      // With npm's variable `local/bootstrap.mjs` stops when this process is gone, also when it was killed.
      env: { ...process.env, CLAVE_TEST_KIND: '', ...env, npm_lifecycle_event: 'mutations' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (text: Buffer) => {
        output = (output + text).slice(-20_000);
      });
    const stop = () => void child.kill('SIGTERM');
    const timer = setTimeout(stop, timeoutMs);
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
      resolve({ code, output });
    });
  });
}
