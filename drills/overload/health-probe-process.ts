import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { HealthSamples } from './health-probe.ts';

/** Starts a process that asks /healthz of a server over and over, until it is stopped. */
export async function startHealthProbe(url: string): Promise<{ stop(): Promise<HealthSamples> }> {
  const child = fork(fileURLToPath(new URL('./health-probe.ts', import.meta.url)), [url], {
    execArgv: ['--import', 'tsx'],
  });
  await once(child, 'message');
  return {
    async stop() {
      child.send('stop');
      const [samples] = (await once(child, 'message')) as [HealthSamples];
      return samples;
    },
  };
}
