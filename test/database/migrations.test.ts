import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Client } from 'pg';
import { tables } from '../../prisma/grants.ts';
import { assertReadable } from '../../prisma/readable-data.ts';
import { applyMigrations, draftMigration } from '../../prisma/schema-engine.ts';
import { createTestDatabase, type TestDatabase } from '../environment/test-database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const schemaQuery = `
  SELECT 'column' AS kind, table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable || ' ' ||
         coalesce(datetime_precision::text, '') || ' ' || coalesce(column_default, '') AS what
    FROM information_schema.columns WHERE table_schema = 'public'
  UNION ALL SELECT 'index', indexdef FROM pg_indexes WHERE schemaname = 'public'
  UNION ALL SELECT 'constraint', conrelid::regclass || ' ' || pg_get_constraintdef(oid) FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace
  ORDER BY 1, 2`;

async function schemaOf(url: string): Promise<string[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<{ kind: string; what: string }>(schemaQuery);
  await client.end();
  return rows
    .map(({ kind, what }) => `${kind} ${what}`)
    .filter((line) => !line.includes('_prisma_migrations'));
}

/** schema.prisma cannot express partial indexes. */
const partialIndexes = [
  'index CREATE INDEX "IdentificationRequest_under_way_idx" ON public."IdentificationRequest" USING btree ("startedAt") WHERE (outcome IS NULL)',
  'index CREATE INDEX "LogoutNotice_not_started_idx" ON public."LogoutNotice" USING btree ("createdAt") WHERE ("startedAt" IS NULL)',
  'index CREATE INDEX "Journey_expired_identification_idx" ON public."Journey" USING btree ("expiresAt") WHERE ((proof IS NOT NULL) AND ("finishedAt" IS NULL))',
  'index CREATE UNIQUE INDEX "Journey_open_identification_idx" ON public."Journey" USING btree ("citizenId", kind, COALESCE("relyingPartyId", \'\'::text)) WHERE ((proof IS NOT NULL) AND ("finishedAt" IS NULL))',
  'index CREATE INDEX "Suspension_untold_idx" ON public."Suspension" USING btree (at) WHERE ("toldAt" IS NULL)',
  'index CREATE INDEX "Text_pending_idx" ON public."Text" USING btree ("createdAt") WHERE (delivery = \'pending\'::text)',
  'index CREATE INDEX "Journey_open_idx" ON public."Journey" USING btree (kind, "confirmedAt") WHERE ("finishedAt" IS NULL)',
  'index CREATE INDEX "Password_blocked_idx" ON public."Password" USING btree ("blockedAt") WHERE ("blockedAt" IS NOT NULL)',
];

test('the migrations make exactly the database that schema.prisma describes', async () => {
  const described = await createTestDatabase({ migrated: false });
  const client = new Client({ connectionString: described.ownerUrl });
  await client.connect();
  await client.query(await draftMigration(described.ownerUrl, undefined));
  await client.end();
  const [asMigrated, asDescribed] = await Promise.all([
    schemaOf(database.ownerUrl),
    schemaOf(described.ownerUrl),
  ]);
  await described.drop();
  expect(asDescribed.length).toBeGreaterThan(50);
  expect([...asMigrated].sort()).toEqual([...asDescribed, ...partialIndexes].sort());
});

test('migrations that are applied are not applied again', async () => {
  expect(await applyMigrations(database.ownerUrl)).toEqual([]);
});

test('a database whose citizens were registered before the first release is refused, an empty one is not', async () => {
  const early = await createTestDatabase();
  const owner = new Client({ connectionString: early.ownerUrl });
  await owner.connect();
  await owner.query(
    `DELETE FROM _prisma_migrations WHERE migration_name = '20261129003000_session_credentials'`,
  );
  await assertReadable(early.ownerUrl);
  await owner.query(
    `INSERT INTO "Citizen" (id, "nationalId", "givenName", "firstSurname", email, language, level, "actId", "registeredAt")
     VALUES (gen_random_uuid(), '12345678Z', 'Ana', 'García', 'ana@example.org', 'es', 'advanced', gen_random_uuid(), now())`,
  );
  await expect(assertReadable(early.ownerUrl)).rejects.toThrow('before the first release');
  await owner.end();
  await early.drop();
});

test("the application's role has exactly the rights it was given, and none on the migrations' own table", async () => {
  const client = new Client({ connectionString: database.appUrl });
  await client.connect();
  const attempts = [
    'UPDATE "AuditEvent" SET type = \'x\'',
    'DELETE FROM "AuditEvent"',
    'TRUNCATE "AuditEvent"',
    'SELECT * FROM "AuditEvent"',
    'DELETE FROM "Officer"',
    'UPDATE "AuditRetention" SET keep = keep',
    'UPDATE "Request" SET ip = ip',
    'SELECT * FROM _prisma_migrations',
    'INSERT INTO "RelyingParty" (id) VALUES (\'mine\')',
    'UPDATE "RelyingParty" SET floor = floor',
    'SELECT * FROM "OidcArtefact"',
    'SELECT * FROM "LogoutSubject"',
    'SELECT * FROM "GatewayKey"',
    'CREATE TABLE mine (id int)',
    'ALTER TABLE "Citizen" ADD COLUMN mine int',
  ];
  const codes = [];
  for (const statement of attempts)
    codes.push(
      await client.query(statement).then(
        () => 'done',
        (error) => error.code,
      ),
    );
  const functions = await client.query<{ name: string }>(
    `SELECT proname AS name FROM pg_proc WHERE pronamespace = 'public'::regnamespace
       AND has_function_privilege(oid, 'EXECUTE') ORDER BY proname`,
  );
  const { rows } = await client.query<{ name: string; rights: string }>(
    `SELECT table_name AS name, string_agg(privilege_type, ' ' ORDER BY privilege_type) AS rights
     FROM information_schema.role_table_grants WHERE grantee = current_user GROUP BY table_name`,
  );
  await client.end();
  expect(codes).toEqual(attempts.map(() => '42501'));
  const all = 'DELETE INSERT SELECT UPDATE';
  expect(Object.fromEntries(rows.filter(({ rights }) => rights !== all).map(Object.values))).toEqual({
    ActEvidence: 'INSERT SELECT',
    AuditEvent: 'INSERT',
    AuditRetention: 'SELECT',
    Citizen: 'INSERT SELECT UPDATE',
    Officer: 'INSERT SELECT UPDATE',
    RelyingParty: 'SELECT',
    Request: 'INSERT SELECT',
    SmsRate: 'INSERT SELECT UPDATE',
    Suspension: 'INSERT SELECT UPDATE',
  });
  expect(functions.rows.map(({ name }) => name)).toEqual([
    'citizen_activity',
    'count_request',
    'destroy_due_audit',
    'destroy_due_identification_requests',
    'destroy_unneeded_requests',
    'prepare_sign_in',
    'reserve_slot',
  ]);
});

test("the gateway's role can read no row of a citizen, and call nothing", async () => {
  const gateway = new Client({ connectionString: database.gatewayUrl });
  await gateway.connect();
  const own = [
    'GatewayKey',
    'IdentificationRequest',
    'LogoutNotice',
    'LogoutSubject',
    'OidcArtefact',
    'RelyingParty',
  ];
  const codes: Record<string, string> = {};
  for (const table of tables)
    codes[table] = await gateway.query(`SELECT * FROM "${table}"`).then(
      () => 'read',
      (error) => error.code,
    );
  const { rows } = await gateway.query<{ name: string; rights: string }>(
    `SELECT table_name AS name, string_agg(privilege_type, ' ' ORDER BY privilege_type) AS rights
     FROM information_schema.role_table_grants WHERE grantee = current_user GROUP BY table_name ORDER BY 1`,
  );
  const functions = await gateway.query(
    `SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND has_function_privilege(oid, 'EXECUTE')`,
  );
  const columns = await gateway.query<{ name: string }>(
    `SELECT column_name AS name FROM information_schema.columns WHERE table_schema = 'public'`,
  );
  await gateway.end();
  expect(codes).toEqual(
    Object.fromEntries(tables.map((table) => [table, own.includes(table) ? 'read' : '42501'])),
  );
  expect(Object.fromEntries(rows.map(Object.values))).toEqual({
    GatewayKey: 'DELETE INSERT SELECT',
    IdentificationRequest: 'INSERT SELECT UPDATE',
    LogoutNotice: 'SELECT',
    LogoutSubject: 'DELETE INSERT SELECT',
    OidcArtefact: 'DELETE INSERT SELECT UPDATE',
    RelyingParty: 'SELECT',
  });
  expect(functions.rows).toEqual([]);
  expect(columns.rows.map(({ name }) => name)).not.toContain('citizenId');
});
