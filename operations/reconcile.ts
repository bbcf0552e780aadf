import { parseArgs } from 'node:util';
import { createCitizenClient } from '../api/citizens/citizen-client.ts';
import { readServiceSettings, SettingsError } from '../platform/config.ts';
import { openDatabase } from '../platform/database.ts';
import { createTemporalClient } from '../platform/temporal.ts';
import { type Disagreement, onlyAfterRestore } from './reconcile/discrepancies.ts';
import { reconcile } from './reconcile/reconcile.ts';
import { batch, usuallyAtOnce } from './reconcile/scan.ts';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

/**
 * `npm run reconcile`: whether PostgreSQL and Temporal say the same of every citizen; with `-- --mend` what differs is
 * brought together. What only a restore brings about is so with `--after-restore` as well: beside a wrong or empty database
 * it would end everybody's workflow. `--at-once 8`: workflows that are asked at a time. @returns the exit code: 1 if
 * anything is left that differs
 */
async function main(): Promise<number> {
  const flag = { type: 'boolean', default: false } as const;
  const { values } = parseArgs({
    options: {
      ...{ mend: flag, 'after-restore': flag },
      'at-once': { type: 'string', default: String(usuallyAtOnce) },
    },
  });
  const atOnce = Number(values['at-once']);
  if (!Number.isInteger(atOnce) || atOnce < 1 || atOnce > batch)
    throw new Error(`--at-once: a whole number from 1 to ${batch}`);
  const mends = (disagreement: Disagreement): boolean =>
    values.mend && (values['after-restore'] || !onlyAfterRestore.has(disagreement));
  const settings = readServiceSettings();
  const db = openDatabase(settings.DATABASE_URL);
  const client = createTemporalClient(settings);
  const ask = createCitizenClient(client, () => true);
  try {
    const { found, mended, left } = await reconcile({ db, client, ask, atOnce }, { mends, say });
    say(`${found.length} disagreements, ${mended.length} mended, ${left.length} left`);
    return left.length === 0 ? 0 : 1;
  } finally {
    await ask.drain();
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
