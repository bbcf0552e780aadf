import { readFileSync, statSync } from 'node:fs';
import { type PartyFile, partyFrom } from '../../domain/gateway/party-file.ts';
import type { PartyRules } from '../../domain/gateway/party-urls.ts';
import type { PrismaClient } from '../../prisma/generated/client.ts';
import {
  addParty,
  changeParty,
  listParties,
  RegistryError,
  removeParty,
  rotateSecret,
  showParty,
} from './registry.ts';
import { monthOf, usageOf } from './usage.ts';

/** The options of the command line. */
export interface Options {
  readonly file?: string;
  readonly metadata?: string;
  readonly month?: string;
}

type Registry = Pick<PrismaClient, 'relyingParty' | '$queryRaw'>;
interface Request {
  readonly registry: Registry;
  readonly rules: PartyRules;
  readonly options: Options;
  readonly id: string | undefined;
}

/** What is wrong with a file: one printable line for each. */
export class PartyFileError extends Error {
  readonly lines: readonly string[];
  constructor(lines: readonly string[]) {
    super(lines.join('\n'));
    this.name = 'PartyFileError';
    this.lines = lines;
  }
}

/** Each returns what is printed as JSON, or undefined if an argument is missing or of no use to it. */
const commands: Readonly<Record<string, (request: Request) => Promise<unknown>>> = {
  async add({ registry, rules, options, id }) {
    if (options.metadata) throw new RegistryError('--metadata: SAML comes later, only --file yet');
    return options.file && !id ? addParty(registry, readParty(options.file, rules)) : undefined;
  },
  async change({ registry, rules, options, id }) {
    return options.file && id ? changeParty(registry, id, readParty(options.file, rules)) : undefined;
  },
  list: ({ registry }) => listParties(registry),
  show: async ({ registry, id }) => id && showParty(registry, id),
  rotate: async ({ registry, id }) => id && rotateSecret(registry, id),
  remove: async ({ registry, id }) => id && removeParty(registry, id),
  async usage({ registry, options }) {
    if (!options.month) return undefined;
    const month = monthOf(options.month);
    if (!month) throw new RegistryError('--month: must be a month, as 2026-11');
    return usageOf(registry, month);
  },
};

/** Does one command. Undefined: it is none, or lacks an argument. @throws RegistryError, PartyFileError */
export const runCommand = (name: string, request: Request): Promise<unknown> =>
  Object.hasOwn(commands, name) ? (commands[name]?.(request) ?? Promise.resolve()) : Promise.resolve();

const maxBytes = 65_536;

/** Reads and checks the file of a relying party. @throws PartyFileError with a line for each name or value that is wrong */
export function readParty(path: string, rules: PartyRules): PartyFile {
  const result = partyFrom(jsonOf(path), rules);
  if ('problems' in result) throw new PartyFileError(result.problems);
  return result.party;
}

function jsonOf(path: string): unknown {
  try {
    if (statSync(path).size > maxBytes) throw new PartyFileError([`--file: has more than ${maxBytes} bytes`]);
    return JSON.parse(readFileSync(path, 'utf8').replace(/^\uFEFF/, ''));
  } catch (error) {
    if (error instanceof PartyFileError) throw error;
    throw new PartyFileError([`--file: ${error instanceof SyntaxError ? 'is not JSON' : 'cannot be read'}`]);
  }
}
