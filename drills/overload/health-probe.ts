import { Agent, request } from 'node:http';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';

/** Health and memory of an API, sampled from another process during a flood. */
export interface HealthSamples {
  /** How long each answer of /healthz took. */
  readonly healthMs: readonly number[];
  /** Requests of /healthz without an answer, or with another than 200. */
  readonly failed: number;
  /** The delay of this process's own timers, which the machine adds to every figure. */
  readonly lateMs: { readonly p99: number; readonly max: number };
  /** Resident memory of the API, sampled every 100 ms, in MiB. */
  readonly memory: readonly number[];
}

// A process of its own: the process that sends two thousand requests cannot measure times.
const [, , url = ''] = process.argv;
const agent = new Agent({ keepAlive: true });
const late = monitorEventLoopDelay({ resolution: 10 });
const healthMs: number[] = [];
const memory: number[] = [];
let failed = 0;
let isOver = false;

const get = (path: string): Promise<{ status: number; body: string }> =>
  new Promise((resolve, reject) => {
    const asked = request(url + path, { agent, timeout: 5_000 }, (response) => {
      text(response).then((body) => resolve({ status: response.statusCode ?? 0, body }), reject);
    });
    asked
      .on('error', reject)
      .on('timeout', () => asked.destroy(new Error('too late')))
      .end();
  });

async function askHealth(): Promise<void> {
  while (!isOver) {
    const startedAt = performance.now();
    const status = await get('/healthz').then(
      (answer) => answer.status,
      () => 0,
    );
    if (status === 200) healthMs.push(performance.now() - startedAt);
    else failed += 1;
    await sleep(10);
  }
}

async function askMemory(): Promise<void> {
  while (!isOver) {
    const body = await get('/metrics').then(
      (answer) => answer.body,
      () => '',
    );
    const [, bytes] = /^process_resident_memory_bytes (\S+)/m.exec(body) ?? [];
    if (bytes) memory.push(Number(bytes) / 2 ** 20);
    await sleep(100);
  }
}

process.on('message', () => {
  isOver = true;
});
await get('/healthz');
late.enable();
process.send?.('ready');
await Promise.all([askHealth(), askMemory()]);
const lateMs = { p99: late.percentile(99) / 1e6, max: late.max / 1e6 };
process.send?.({ healthMs, failed, lateMs, memory } satisfies HealthSamples);
process.disconnect?.();
