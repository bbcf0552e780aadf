import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { claimPort } from '../../local/ports.ts';
import type { Stack } from './stack.ts';
import { until } from './waiting.ts';

/** A process of ours beside a stack, as an operator starts it. */
export interface Process {
  /** Asks it to stop, and waits until it has. */
  stop(): Promise<void>;
}

/** What its settings are beside the stack's. */
type Settings = Readonly<Record<string, string>>;

function run({ environment }: Pick<Stack, 'environment'>, script: string, settings: Settings): Process {
  const child: ChildProcess = spawn(process.execPath, ['--import', 'tsx', script], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      ...{ PATH: process.env['PATH'], HOME: process.env['HOME'] },
      ...environment,
      ...{ WORKER_METRICS_PORT: '0', LOG_LEVEL: 'silent' },
      ...settings,
    },
  });
  const exited = once(child, 'exit');
  return {
    async stop() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}

/** `npm run worker`. */
export const runWorker = (stack: Pick<Stack, 'environment'>, settings: Settings): Process =>
  run(stack, 'worker/main.ts', settings);

/** `npm run api`, once it says that it is ready: everything it stands on, a worker too, has answered. */
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
