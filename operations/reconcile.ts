import { parseArgs } from 'node:util';
import { createCitizenClient } from '../api/citizens/citizen-client.ts';
import { readServiceSettings, SettingsError } from '../platform/config.ts';
import { openDatabase } from '../platform/database.ts';
import { createTemporalClient } from '../platform/temporal.ts';
import { type DiscrepancyKind, onlyAfterRestore } from './reconcile/discrepancies.ts';
import { reconcile } from './reconcile/reconcile.ts';
import { batchSize, defaultConcurrency } from './reconcile/scan.ts';

const print = (line: string): void => void process.stdout.write(`${line}\n`);

/**
 * `npm run reconcile`: compares PostgreSQL and Temporal for every citizen; `-- --mend` repairs what differs.
 * `--after-restore` includes the kinds that only a restore makes certain: next to a wrong or empty database their repair
 * would end every workflow. `--at-once 8`: workflow queries at a time. @returns the exit code: 1 if a discrepancy is left
 */
async function main(): Promise<number> {
  const flag = { type: 'boolean', default: false } as const;
  const { values } = parseArgs({
    options: {
      mend: flag,
      'after-restore': flag,
      'at-once': { type: 'string', default: String(defaultConcurrency) },
    },
  });
  const concurrency = Number(values['at-once']);
  if (!Number.isInteger(concurrency) || concurrency < 1 || concurrency > batchSize)
    throw new Error(`--at-once: a whole number from 1 to ${batchSize}`);
  const shouldRepair = (kind: DiscrepancyKind): boolean =>
    values.mend && (values['after-restore'] || !onlyAfterRestore.has(kind));
  const settings = readServiceSettings();
  const db = openDatabase(settings.DATABASE_URL);
  const client = createTemporalClient(settings);
  const citizens = createCitizenClient(client, () => true);
  try {
    const targets = { db, client, citizens, concurrency };
    const { found, repaired, left } = await reconcile(targets, { shouldRepair, print });
    print(`${found.length} disagreements, ${repaired.length} mended, ${left.length} left`);
    return left.length === 0 ? 0 : 1;
  } finally {
    await citizens.drain();
    await client.connection.close();
    await db.close();
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  const lines = error instanceof SettingsError ? error.lines : [(error as Error).message];
  process.stderr.write(`${lines.join('\n')}\n`);
  process.exitCode = 2;
}
