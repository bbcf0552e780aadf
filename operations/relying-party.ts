import { parseArgs } from 'node:util';
import { readRegistrySettings, SettingsError } from '../platform/config.ts';
import { openDatabase } from '../platform/database.ts';
import { type Options, PartyFileError, runCommand } from './relying-party/commands.ts';
import { RegistryError } from './relying-party/registry.ts';

const usage = `usage:
  npm run relying-party -- add --file party.json          prints its client id, and its secret once
  npm run relying-party -- change <id> --file party.json  replaces all but id, secret and sector
  npm run relying-party -- list
  npm run relying-party -- show <id>
  npm run relying-party -- rotate <id>                    prints a new secret once; the old one opens nothing more
  npm run relying-party -- remove <id>
  npm run relying-party -- usage --month 2026-11
The file: docs/operations.md. Every change is in force at once, in every process.
`;

/** `npm run relying-party`: keeps the registry, as the owner of the database. @returns the exit code */
async function main(): Promise<number> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { file: { type: 'string' }, metadata: { type: 'string' }, month: { type: 'string' } },
  });
  const [name = '', id, ...others] = positionals;
  const { ownerUrl, loopbackPermitted } = readRegistrySettings();
  const db = openDatabase(ownerUrl, { connections: 1 });
  try {
    const request = {
      registry: db.prisma,
      rules: { loopbackPermitted },
      options: { ...values } as Options,
      id,
    };
    const result = others.length > 0 ? undefined : await runCommand(name, request);
    if (result === undefined) process.stderr.write(usage);
    else process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
    return result === undefined ? 2 : 0;
  } finally {
    await db.close();
  }
}

/** Without control characters: a file that somebody sent must not control the operator's terminal. */
const printable = (line: string): string => line.replace(/\p{C}/gu, '?').slice(0, 300);

function linesOf(error: unknown): readonly string[] {
  if (error instanceof SettingsError || error instanceof PartyFileError) return error.lines;
  if (error instanceof RegistryError) return [error.message];
  const { code, message } = error as NodeJS.ErrnoException;
  if (code?.startsWith('ERR_PARSE_ARGS')) return [message, ...usage.trimEnd().split('\n')];
  return [`the registry cannot be reached or written: ${message.split('\n').at(-1)}`];
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`${linesOf(error).map(printable).join('\n')}\n`);
  process.exitCode = 1;
}
