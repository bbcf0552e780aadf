import { parseArgs } from 'node:util';
import { quantile } from '../../bench/rounds.ts';
import { type OverloadResult, overload } from './overload.ts';

const say = (line: string) => void process.stdout.write(`${line}\n`);

/** The effects of a flood that exceed what is allowed, in words. Milliseconds, MiB. */
export function faultsOf({ flood, health, before, after }: OverloadResult): string[] {
  const healthMs = quantile(health.healthMs, 0.99);
  // The delay of the machine itself, measured in another process, does not count against the API.
  const allowedMs = 100 + health.lateMs.p99;
  const growth = growthOf(health.memory);
  const others = Object.keys(flood.statuses).filter((status) => !expected.includes(status));
  return [
    ...(others.length > 0 ? [`answered ${others.join()}`] : []),
    ...(flood.cut > 0 ? [`${flood.cut} connections were cut`] : []),
    ...(flood.withoutRetryAfter > 0 ? [`${flood.withoutRetryAfter} refusals without Retry-After`] : []),
    ...(health.failed > 0 ? [`/healthz failed ${health.failed} times`] : []),
    ...(healthMs > allowedMs ? [`/healthz took ${healthMs.toFixed(0)} ms, of ${allowedMs.toFixed(0)}`] : []),
    ...(growth > mostGrowth ? [`memory grew by ${growth.toFixed(0)} MiB, of ${mostGrowth}`] : []),
    ...(after < before / 2 ? [`at ${after.toFixed(1)} a second afterwards, of ${before.toFixed(1)}`] : []),
  ];
}

/** The statuses of a wrong entry, and of too many requests. */
const expected = ['401', '422', '423', '429', '503'];

/** Resident memory may grow by so much, in MiB: requests under way and the hashes of a queue, and no more for more requests. */
export const mostGrowth = 256;

export const growthOf = (memory: readonly number[]): number => Math.max(...memory) - (memory[0] ?? 0);

/** `npm run overload`: floods a service and prints the figures. @returns the exit code */
export async function overloadReport(args: string[]): Promise<number> {
  const { count } = parseArgs({ args, options: { count: { type: 'string', default: '2000' } } }).values;
  const faults: string[] = [];
  for (const result of await overload(Number(count))) {
    print(result);
    faults.push(...faultsOf(result).map((fault) => `${result.kind}: ${fault}`));
  }
  for (const fault of faults) say(`FAULT  ${fault}`);
  return faults.length === 0 ? 0 : 1;
}

/** One flood in figures. */
export function print({ kind, flood, health, before, after, recoveredAfterMs }: OverloadResult): void {
  const ms = (share: number) => `${quantile(health.healthMs, share).toFixed(0)} ms`;
  say(
    `\nPOST ${kind}: ${JSON.stringify(flood.statuses)} in ${(flood.ms / 1_000).toFixed(1)} s, ${flood.cut} cut`,
  );
  say(`  /healthz      median ${ms(0.5)}, 99 % ${ms(0.99)}, worst ${ms(1)}, of ${health.healthMs.length}`);
  say(
    `  this machine  99 % ${health.lateMs.p99.toFixed(0)} ms late, worst ${health.lateMs.max.toFixed(0)} ms`,
  );
  say(`  memory        ${health.memory[0]?.toFixed(0)} MiB, grew by ${growthOf(health.memory).toFixed(0)}`);
  say(
    `  right ones    ${before.toFixed(1)} a second before, ${after.toFixed(1)} after ${(recoveredAfterMs / 1_000).toFixed(1)} s`,
  );
}
