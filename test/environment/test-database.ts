import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { sharedServers } from './shared-servers.ts';

/** A database of a test file's own, as the migrations make it. */
export interface TestDatabase {
  readonly ownerUrl: string;
  readonly appUrl: string;
  readonly gatewayUrl: string;
  readonly adminUrl: string;
  drop(): Promise<void>;
  /** Ends all connections and refuses new ones until the returned function is called. */
  takeAway(): Promise<() => Promise<void>>;
}

/** Makes a database for one test file: a copy of the one that the migrations made, or an empty one. */
export async function createTestDatabase({ migrated = true } = {}): Promise<TestDatabase> {
  const { ownerUrl, appUrl, gatewayUrl, adminUrl } = sharedServers();
  const name = `test_${randomBytes(6).toString('hex')}`;
  const template = migrated ? `TEMPLATE ${new URL(ownerUrl).pathname.slice(1)}` : '';
  await asAdmin(adminUrl, `CREATE DATABASE ${name} OWNER clave_owner ${template}`);
  const within = (url: string) => inDatabase(url, name);
  return {
    ownerUrl: within(ownerUrl),
    appUrl: within(appUrl),
    gatewayUrl: within(gatewayUrl),
    adminUrl: within(adminUrl),
    async takeAway() {
      const allow = (are: boolean) =>
        asAdmin(adminUrl, `ALTER DATABASE ${name} WITH ALLOW_CONNECTIONS ${are}`);
      await allow(false);
      await asAdmin(
        adminUrl,
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${name}'`,
      );
      return () => allow(true);
    },
    drop: () => asAdmin(adminUrl, `DROP DATABASE ${name} WITH (FORCE)`),
  };
}

/** A PostgreSQL URL, led to another database of the same server. */
export const inDatabase = (url: string, name: string): string =>
  Object.assign(new URL(url), { pathname: `/${name}` }).href;

async function asAdmin(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query(statement);
  await client.end();
}
