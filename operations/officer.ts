import { parseArgs } from 'node:util';
import { addOfficer, revokeOfficer } from '../api/office/officers.ts';
import { readServiceSettings, SettingsError } from '../platform/config.ts';
import { type Database, openDatabase } from '../platform/database.ts';

const usage = `usage:
  npm run officer -- add --name "Name" --office "Office"   prints the new key, once
  npm run officer -- list
  npm run officer -- revoke <id>
`;

type Command = (
  db: Database,
  values: { name?: string; office?: string },
  id: string | undefined,
) => Promise<string | undefined>;

/** Each returns its output, or undefined for missing arguments. */
const commands: Readonly<Record<string, Command>> = {
  async add(db, { name, office }) {
    if (!name || !office) return undefined;
    const { id, key } = await addOfficer(db, { name, office });
    return `officer ${id}\nkey     ${key}\n`;
  },
  async list({ prisma }) {
    const officers = await prisma.officer.findMany({ orderBy: { createdAt: 'asc' } });
    return officers
      .map(
        ({ id, name, office, revokedAt }) =>
          `${id}  ${name}, ${office}${revokedAt ? `  revoked ${revokedAt.toISOString()}` : ''}\n`,
      )
      .join('');
  },
  async revoke(db, _values, id) {
    if (!id || !/^[0-9a-f-]{36}$/i.test(id)) return undefined;
    return (await revokeOfficer(db, id)) ? `officer ${id} revoked\n` : `no officer ${id} to revoke\n`;
  },
};

/** `npm run officer`: adds, lists and revokes registration officers. */
async function main(): Promise<number> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { name: { type: 'string' }, office: { type: 'string' } },
  });
  const [name = '', id] = positionals;
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  const db = openDatabase(readServiceSettings().DATABASE_URL, { connections: 1 });
  try {
    const text = await command?.(db, values, id);
    process.stdout.write(text ?? usage);
    return text === undefined ? 2 : 0;
  } finally {
    await db.close();
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  const lines =
    error instanceof SettingsError
      ? error.lines
      : [`${error instanceof Error ? error.message : error}`, usage];
  process.stderr.write(`${lines.join('\n')}\n`);
  process.exitCode = 1;
}
