import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { claimPort } from '../../local/servers/ports.ts';
import type { Stack } from './stack.ts';
import { until } from './waiting.ts';

/** A process that works beside a stack, started as an operator starts it. */
export interface Process {
  /** Sends SIGTERM and waits until the process has ended. */
  stop(): Promise<void>;
  /** The same with SIGKILL: whatever it was doing is left undone. */
  kill(): Promise<void>;
}

/** Settings in addition to the stack's. */
type Settings = Readonly<Record<string, string>>;

const environmentOf = ({ environment }: Pick<Stack, 'environment'>, settings: Settings) => ({
  ...{ PATH: process.env['PATH'], HOME: process.env['HOME'] },
  ...environment,
  ...{ WORKER_METRICS_PORT: '0', LOG_LEVEL: 'silent' },
  ...settings,
});

function run(stack: Pick<Stack, 'environment'>, script: string, settings: Settings): Process {
  const child: ChildProcess = spawn(process.execPath, ['--import', 'tsx', script], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: environmentOf(stack, settings),
  });
  const exited = once(child, 'exit');
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    await exited;
  };
  return { stop: () => end('SIGTERM'), kill: () => end('SIGKILL') };
}

/** `npm run worker`. */
export const runWorker = (stack: Pick<Stack, 'environment'>, settings: Settings): Process =>
  run(stack, 'worker/main.ts', settings);

/** `npm run api`, once its readiness probe succeeds: PostgreSQL, Temporal and a worker have answered. */
export async function runApi(
  stack: Pick<Stack, 'environment'>,
  settings: Settings,
): Promise<Process & { readonly url: string }> {
  const port = await claimPort(0, 'an API', 'PORT');
  const api = run(stack, 'api/main.ts', { ...settings, PORT: String(port) });
  const url = `http://127.0.0.1:${port}`;
  const isReady = async () => (await fetch(`${url}/readyz`).catch(() => undefined))?.ok === true;
  await until(isReady, Boolean, 60_000);
  return { url, ...api };
}

/** Octets of output: the trail of many tests. */
const maxBuffer = 100_000_000;

/** Runs a command as an operator does. Returns its exit code and its output. */
export function runCommand(
  stack: Pick<Stack, 'environment'>,
  settings: Settings,
  script: string,
  args: readonly string[],
): Promise<{ code: number; said: string }> {
  const env = environmentOf(stack, settings);
  return new Promise((resolve) => {
    execFile(process.execPath, ['--import', 'tsx', script, ...args], { env, maxBuffer }, (error, out, err) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, said: out + err }),
    );
  });
}
