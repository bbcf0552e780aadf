import { parseArgs } from 'node:util';
import { readServiceSettings, SettingsError } from '../platform/config.ts';
import { KeyRing } from '../platform/secrets.ts';
import { backUp } from './backup/backup.ts';
import { BackupError } from './backup/manifest.ts';
import { restore } from './backup/restore.ts';

const usage = `usage:
  npm run backup -- --to <folder>      every table, as of one moment, while the service runs
  npm run restore -- --from <folder>   into a migrated and empty database
`;

/** `npm run backup` and `npm run restore`. @returns the exit code */
async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { to: { type: 'string' }, from: { type: 'string' } },
  });
  const settings = readServiceSettings();
  const owner = settings.DATABASE_OWNER_URL ?? settings.DATABASE_URL;
  const ring = new KeyRing(settings.CLAVE_SECRET_KEY);
  const print = (line: string) => process.stdout.write(`${line}\n`);
  const [command] = positionals;
  if (command === 'backup' && values.to) {
    const { rows } = await backUp(owner, values.to, ring);
    print(`${rows['Citizen']} citizens, ${rows['AuditEvent']} audit events: ${values.to}`);
    print(
      'It holds personal data and password hashes, and is worth nothing without CLAVE_SECRET_KEY: keep both, apart.',
    );
    return 0;
  }
  if (command === 'restore' && values.from) {
    const { rows, madeAt } = await restore(owner, values.from, ring);
    print(`${rows['Citizen']} citizens, ${rows['AuditEvent']} audit events, as of ${madeAt}`);
    print('Before anybody is let in: npm run reconcile, and what docs/operations.md says of it');
    return 0;
  }
  process.stderr.write(usage);
  return 2;
}

try {
  process.exitCode = await main();
} catch (error) {
  const isKnown = error instanceof BackupError || error instanceof SettingsError;
  process.stderr.write(`${isKnown ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
