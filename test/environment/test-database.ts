import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import type { Policy } from '../../domain/policy.ts';
import { policyFrom } from '../../domain/policy.ts';
import { readPolicy } from '../../platform/config.ts';
import { grantRights } from '../../prisma/grants.ts';
import { applyMigrations } from '../../prisma/schema-engine.ts';

/** What `global-setup.ts` left for the test files. */
export const parts = (): {
  ownerUrl: string;
  appUrl: string;
  adminUrl: string;
  bundleFile: string;
  testServer: string;
} => JSON.parse(process.env['CLAVE_TEST_PARTS'] ?? '{}');

/** A database of a test file's own, as the migrations make it. */
export interface TestDatabase {
  readonly ownerUrl: string;
  readonly appUrl: string;
  readonly adminUrl: string;
  drop(): Promise<void>;
  /** Ends all connections and lets nobody in, until the function that is returned is called. */
  takeAway(): Promise<() => Promise<void>>;
}

/** Makes a migrated database that nobody else uses. */
export async function createTestDatabase({ migrated = true } = {}): Promise<TestDatabase> {
  const { ownerUrl, appUrl, adminUrl } = parts();
  const name = `test_${randomBytes(6).toString('hex')}`;
  await asAdmin(adminUrl, `CREATE DATABASE ${name} OWNER clave_owner`);
  const within = (url: string) => Object.assign(new URL(url), { pathname: `/${name}` }).href;
  if (migrated) {
    await applyMigrations(within(ownerUrl));
    await grantRights(within(ownerUrl), within(appUrl));
  }
  return {
    ownerUrl: within(ownerUrl),
    appUrl: within(appUrl),
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

async function asAdmin(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query(statement);
  await client.end();
}

/** The policy table with some of it replaced, as a policy file would. */
export function policyWith(overrides: Record<string, unknown> = {}): Policy {
  const result = policyFrom(overrides);
  if ('problems' in result) throw new Error(result.problems.join('; '));
  return Object.keys(overrides).length === 0 ? readPolicy(undefined) : result.policy;
}
