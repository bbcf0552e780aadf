import { claimPort } from '../../local/servers/ports.ts';
import { type Process, runApi, runWorker } from './processes.ts';
import { type Stack, startStack } from './stack.ts';

/** A stack whose API and worker are separate processes, started as an operator starts them. */
export interface SeparateProcesses {
  readonly stack: Stack;
  /** What `Citizen` and `requestOnce` take of the stack, with the URL of the API process. */
  readonly at: Pick<Stack, 'url' | 'phone' | 'officeKey' | 'db' | 'frontEndKey'>;
  /** Stops both gracefully, so that buffered telemetry is exported. */
  stopProcesses(): Promise<void>;
  stop(): Promise<void>;
}

export async function startSeparateProcesses(
  settings: Readonly<Record<string, string>>,
): Promise<SeparateProcesses> {
  const stack = await startStack({ own: true });
  await stack.stopWorkers();
  const { officeKey, frontEndKey } = stack;
  const shared = {
    ...settings,
    WORKER_METRICS_PORT: String(await claimPort(0, "the worker's metrics", 'WORKER_METRICS_PORT')),
  };
  const worker = runWorker(stack, shared);
  let running: Process[] = [worker];
  const api = await runApi(stack, { ...shared, OFFICE_API_KEY: officeKey, FRONT_END_KEY: frontEndKey });
  running.push(api);
  const stopProcesses = async () => {
    await Promise.all(running.map((process) => process.stop()));
    running = [];
  };
  return {
    stack,
    at: { url: api.url, phone: stack.phone, officeKey, db: stack.db, frontEndKey },
    stopProcesses,
    async stop() {
      await stopProcesses();
      await stack.stop();
    },
  };
}
