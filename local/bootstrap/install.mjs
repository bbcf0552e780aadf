// What a fresh clone lacks: the packages, and the database client generated from the schema.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { exclusively } from './lock.mjs';
import { nodeProgram, Refusal, root, run, withProgress } from './programs.mjs';

// `prisma generate` requires a schema engine and never runs it: any executable path avoids the download.
// Not for migrations: they would do nothing and report success.
const noEngine = { PRISMA_SCHEMA_ENGINE_BINARY: process.execPath };

const readJson = (file) => JSON.parse(readFileSync(file, 'utf8'));

/** Whether every package of the lock file is there in its version; npm writes its own list when it has finished. */
function isInstalled() {
  const list = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(list)) return false;
  const installed = readJson(list).packages;
  return Object.entries(readJson(join(root, 'package-lock.json')).packages).every(([path, wanted]) => {
    if (path === '' || wanted.link) return true;
    const found = installed[path];
    return found
      ? found.version === wanted.version
      : Boolean(wanted.optional || wanted.devOptional || wanted.peer);
  });
}

async function install() {
  const own = process.env.npm_execpath ?? '';
  const [command, first] = basename(own).startsWith('npm-cli') ? [process.execPath, [own]] : ['npm', []];
  const args = [...first, 'ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  const code = await withProgress('Installing the packages, once (a minute or two)', () =>
    run(command, args, { env: noEngine }),
  );
  if (code !== 0) throw new Refusal(`npm ci failed (exit code ${code}); what it said is above.`);
}

function schemaHash() {
  const hash = createHash('sha256');
  hash.update(readFileSync(join(root, 'prisma', 'schema.prisma')));
  hash.update(readJson(join(root, 'node_modules', 'prisma', 'package.json')).version);
  return hash.digest('hex');
}

async function generate() {
  const stamp = join(root, 'prisma', 'generated', '.schema-hash');
  const hash = schemaHash();
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return;
  const code = await withProgress('Generating the database client', () =>
    run(process.execPath, [...nodeProgram('prisma', 'build', 'index.js'), 'generate'], {
      env: { ...noEngine, PRISMA_HIDE_UPDATE_MESSAGE: '1', CHECKPOINT_DISABLE: '1' },
    }),
  );
  if (code !== 0) throw new Refusal(`prisma generate failed (exit code ${code}); what it said is above.`);
  writeFileSync(stamp, hash);
}

/** Installs and generates what is missing or older than its source. @throws Refusal with one line. */
export async function makeReady() {
  if (isReady()) return;
  await exclusively(async () => {
    if (!isInstalled()) await install();
    if (existsSync(join(root, 'prisma', 'schema.prisma'))) await generate();
  });
}

function isReady() {
  if (!isInstalled()) return false;
  const stamp = join(root, 'prisma', 'generated', '.schema-hash');
  if (!existsSync(join(root, 'prisma', 'schema.prisma'))) return true;
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === schemaHash();
}
