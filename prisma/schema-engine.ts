import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { PrismaPg } from '@prisma/adapter-pg';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import type * as WasmEngine from '@prisma/schema-engine-wasm/schema_engine_bg';
import { Pool } from 'pg';

const folder = path.dirname(fileURLToPath(import.meta.url));
const filters = { externalTables: [], externalEnums: [] };

/**
 * Sends a script to PostgreSQL as a whole, which runs it in one transaction. The adapter by itself would end a statement at
 * every semicolon, also inside of a function.
 */
class ScriptAdapterFactory extends PrismaPg {
  override async connect() {
    const adapter = await super.connect();
    adapter.executeScript = async (sql) => {
      await adapter.executeRaw({ sql, args: [], argTypes: [] });
    };
    return adapter;
  }
}

/**
 * Runs Prisma's schema engine, compiled to WebAssembly: it comes from npm and downloads nothing (docs/adr/0013). Closing
 * the pool afterwards also releases the engine's advisory lock against concurrent migrations.
 */
async function withEngine<Result>(
  databaseUrl: string,
  work: (engine: WasmEngine.SchemaEngine) => Promise<Result>,
): Promise<Result> {
  const { SchemaEngine } = await engineModule();
  const pool = new Pool({ connectionString: databaseUrl });
  try {
    const adapter = bindMigrationAwareSqlAdapterFactory(new ScriptAdapterFactory(pool));
    return await work(
      await SchemaEngine.new({ datamodels: [['schema.prisma', schema()]] }, () => {}, adapter),
    );
  } finally {
    await pool.end();
  }
}

let loading: Promise<typeof WasmEngine> | undefined;

/** Loads the engine once per process: its bindings hold one instance, and a second would replace it during a call. */
const engineModule = (): Promise<typeof WasmEngine> => {
  loading ??= load();
  return loading;
};

async function load(): Promise<typeof WasmEngine> {
  const bindings = createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm/schema_engine_bg');
  const engine = (await import(pathToFileURL(bindings).href)) as typeof WasmEngine & {
    __wbg_set_wasm(exports: WebAssembly.Exports): void;
  };
  const { instance } = await WebAssembly.instantiate(readFileSync(bindings.replace(/\.js$/, '.wasm')), {
    './schema_engine_bg.js': engine,
  });
  engine.__wbg_set_wasm(instance.exports);
  (instance.exports['__wbindgen_start'] as () => void)();
  return engine;
}

const schema = () => readFileSync(path.join(folder, 'schema.prisma'), 'utf8');

const migrations = () => ({
  baseDir: path.join(folder, 'migrations'),
  lockfile: { path: 'migration_lock.toml', content: 'provider = "postgresql"\n' },
  migrationDirectories: readdirSync(path.join(folder, 'migrations'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort()
    .map((name) => ({
      path: name,
      migrationFile: {
        path: 'migration.sql',
        content: {
          tag: 'ok' as const,
          value: readFileSync(path.join(folder, 'migrations', name, 'migration.sql'), 'utf8'),
        },
      },
    })),
  shadowDbInitScript: '',
});

/** Applies pending migrations, as `prisma migrate deploy` does. Returns their names. */
export const applyMigrations = (ownerUrl: string): Promise<readonly string[]> =>
  withEngine(ownerUrl, async (engine) => {
    const { appliedMigrationNames } = await engine.applyMigrations({ migrationsList: migrations(), filters });
    return appliedMigrationNames;
  });

/**
 * Drafts the SQL from a former `schema.prisma` (undefined: an empty database) to the current one. Needs a database
 * connection but changes nothing.
 */
export const draftMigration = (ownerUrl: string, former: string | undefined): Promise<string> =>
  withEngine(ownerUrl, async (engine) => {
    const datamodel = (content: string) => ({
      tag: 'schemaDatamodel' as const,
      files: [{ path: 'schema.prisma', content }],
    });
    const { stdout } = await engine.diff({
      from: former === undefined ? { tag: 'empty' } : datamodel(former),
      to: datamodel(schema()),
      script: true,
      exitCode: null,
      filters,
    });
    return stdout ?? '';
  });
