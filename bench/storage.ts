import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { startPostgres } from '../local/servers/postgres-server.ts';
import { applyMigrations } from '../prisma/schema-engine.ts';
import { say, table } from './report.ts';

const citizens = 10_000;

/** SQL that writes the citizens as an activation leaves them: personal data, registration act, password. */
const people = `
  INSERT INTO "Citizen" (id, "nationalId", "givenName", "firstSurname", "secondSurname", email, phone, "phoneConfirmedAt",
    language, level, "actId", "registeredAt")
  SELECT gen_random_uuid(), lpad(n::text, 8, '0') || 'A', 'Begoña', 'Etxeberria', 'Zubizarreta',
    'begona.etxeberria.' || n || '@example.org', '+346' || lpad(n::text, 8, '0'), now(), 'es', 'advanced',
    gen_random_uuid(), now()
  FROM generate_series(1, ${citizens}) n;
  INSERT INTO "RegistrationAct" (id, "citizenId", "officerId", "requestId", "nationalId", "givenName", "firstSurname",
    "secondSurname", email, phone, language, "appliedAt")
  SELECT "actId", id, gen_random_uuid(), gen_random_uuid(), "nationalId", "givenName", "firstSurname", "secondSurname",
    email, phone, language, now() FROM "Citizen";
  INSERT INTO "Password" (id, "citizenId", hash, "keyId", "setAt", "expiresAt")
  SELECT gen_random_uuid(), id, '$argon2id$v=19$m=19456,t=2,p=1$' || repeat('A', 66), 'k1', now(), now() + interval '2 years'
  FROM "Citizen"`;

/** SQL that writes the audit events of each citizen, and the rows of the requests that they refer to. */
const trail = (events: readonly string[], calls: number) =>
  [
    ...Array.from(
      { length: calls },
      () => `INSERT INTO "Request" (id, ip, "userAgent", route)
        SELECT gen_random_uuid(), '2a0c:5a80:1234:5678::1',
          'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36',
          'POST /sessions' FROM "Citizen"`,
    ),
    ...events.map(
      (type) => `INSERT INTO "AuditEvent" (id, type, "citizenId", "journeyId", "requestId", detail)
        SELECT 'WDmdv12dNgxptw6KPYvkMw' || gen_random_uuid() || '/${type}', '${type}', id, 'WDmdv12dNgxptw6KPYvkMw',
          gen_random_uuid(), '{"assurance":"basic"}' FROM "Citizen"`,
    ),
  ].join(';');

/** Name, SQL and tables of each measurement, in order. */
const steps: readonly [string, string, readonly string[]][] = [
  ['an active citizen', people, ['Citizen', 'RegistrationAct', 'Password']],
  [
    'the trail of a registration and an activation',
    trail(
      [
        'citizen-registered',
        'notice-sent',
        'journey-begun',
        'otp-sent',
        'otp-accepted',
        'password-set',
      ].concat(['journey-finished', 'notice-sent-2']),
      4,
    ),
    ['AuditEvent', 'Request'],
  ],
  ['the trail of one sign-in', trail(['signed-in'], 1), ['AuditEvent', 'Request']],
  [
    'the trail of one reinforced sign-in',
    trail(['journey-begun', 'otp-sent', 'otp-accepted', 'signed-in', 'journey-finished'], 2),
    ['AuditEvent', 'Request'],
  ],
  [
    'a session (gone a day after its end)',
    `INSERT INTO "Session" (id, "citizenId", basis, "credentialId", "tokenDigest", assurance, "startedAt", "lastUsedAt", "endsAt")
     SELECT gen_random_uuid(), id, 'password', gen_random_uuid(), encode(sha256(id::text::bytea), 'base64'), 'basic', now(), now(),
       now() + interval '1 hour' FROM "Citizen"`,
    ['Session'],
  ],
  [
    'a journey and its text (gone after days)',
    `INSERT INTO "Journey" (id, "citizenId", kind, "tokenDigest", "requestId", "startedAt", "expiresAt", "finishedAt",
       outcome, "finishedBy")
     SELECT substr(encode(sha256(id::text::bytea), 'base64'), 1, 22), id, 'sign-in', encode(sha256(id::text::bytea), 'base64'),
       gen_random_uuid(), now(), now(), now(), 'signed-in', gen_random_uuid()::text FROM "Citizen";
     INSERT INTO "Text" (id, "citizenId", "journeyId", number, purpose, delivery, attempts, "providerId", allowance, "sentAt")
     SELECT id || '/1', "citizenId", id, 1, 'otp.sign-in', 'delivered', 1, 'SM' || md5(id),
       encode(sha256(id::bytea), 'base64'), now() FROM "Journey"`,
    ['Journey', 'Text'],
  ],
];

/** `npm run bench:storage`: the bytes in PostgreSQL for a citizen and for each action, tables with their indexes. */
export async function main(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'clave-storage-'));
  const postgres = await startPostgres({ dataDir: join(folder, 'postgres'), port: 0, ephemeral: true });
  const db = new Client({ connectionString: postgres.ownerUrl });
  try {
    await applyMigrations(postgres.ownerUrl);
    await db.connect();
    const sizes = async (tables: readonly string[]) => {
      const { rows } = await db.query<{ name: string; bytes: string }>(
        `SELECT name, pg_total_relation_size(format('%I', name)::regclass) AS bytes FROM unnest($1::text[]) name`,
        [tables],
      );
      return new Map(rows.map(({ name, bytes }) => [name, Number(bytes)]));
    };
    const rows: { what: string; bytes: string; 'of which': string }[] = [];
    for (const [what, sql, tables] of steps) {
      const before = await sizes(tables);
      await db.query(sql);
      const parts = [...(await sizes(tables))].map(
        ([name, bytes]) => [name, Math.round((bytes - (before.get(name) ?? 0)) / citizens)] as const,
      );
      const sum = parts.reduce((total, [, bytes]) => total + bytes, 0);
      const ofWhich = parts.map(([name, bytes]) => `${name} ${bytes}`).join(', ');
      rows.push({ what, bytes: String(sum), 'of which': ofWhich });
    }
    say(table(rows));
    return 0;
  } finally {
    await db.end();
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
