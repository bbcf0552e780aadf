import type { QueryConfig } from 'pg';
import type { Assurance, Basis, Means } from '../domain/assurance.ts';

/**
 * The kinds of credential on which a session can rest, each with the SQL condition that it is in force at an instant.
 * `session` is the row of the session.
 */
const credentials = {
  password: (at: string) => `EXISTS (
    SELECT FROM "Password" WHERE id = session."credentialId" AND "blockedAt" IS NULL AND "expiresAt" > ${at})`,
  certificate: (at: string) => `EXISTS (
    SELECT FROM "CertificateIdentification" WHERE id = session."credentialId" AND "notAfter" > ${at})`,
} as const satisfies Record<Basis, (at: string) => string>;

/**
 * For SQL: whether the credential of `session` is in force at `at`, a parameter. Every use of a session asks it; one that
 * rests on an unknown basis is over (docs/adr/0032).
 */
export const isCredentialInForce = (at: string): string => {
  const cases = Object.entries(credentials).map(
    ([basis, condition]) => `WHEN '${basis}' THEN ${condition(at)}`,
  );
  return `CASE session.basis ${cases.join(' ')} ELSE false END`;
};

/** A session to be inserted, for a credential whose row the caller has locked. */
export interface SessionInsert {
  readonly id: string;
  readonly citizenId: string;
  readonly basis: Basis;
  readonly credentialId: string;
  readonly means: Means;
  readonly assurance: Assurance;
  readonly tokenDigest: string;
  /** The relying party that it is bound to; null: a session of the pages. */
  readonly relyingPartyId: string | null;
  readonly startedAtMs: number;
  /** The absolute limit of the policy (ms). */
  readonly endsAtMs: number;
  /** The session ends with its credential at the latest. */
  readonly credentialExpiresAt: Date;
}

/** Parameters that `insertSessionCtes` takes; those of the rest of the statement follow. */
export const insertSessionParameterCount = 10;

const insertedColumns = '"startedAt", "endsAt", "previousAccessAt"';

/**
 * The beginning of a statement that inserts a session: common table expressions after `WITH`. `known` is a session that is
 * there already, and stays as it is; `opened` is the new one. The access before it is kept for the citizen to see
 * ([ENS] op.acc.5 R5).
 */
export const insertSessionCtes = `
  known AS (SELECT ${insertedColumns} FROM "Session" WHERE id = $1::uuid),
  accessed AS (
    UPDATE "Citizen" citizen SET "lastAccessAt" = $7::timestamptz
    FROM (SELECT "lastAccessAt" FROM "Citizen" WHERE id = $2::uuid) before
    WHERE citizen.id = $2::uuid AND NOT EXISTS (SELECT FROM known)
    RETURNING before."lastAccessAt"),
  opened AS (
    INSERT INTO "Session" (id, "citizenId", basis, "credentialId", assurance, "tokenDigest", "startedAt", "lastUsedAt", "endsAt",
      means, "relyingPartyId", "previousAccessAt")
    SELECT $1::uuid, $2::uuid, $3, $4::uuid, $5, $6, $7::timestamptz, $7::timestamptz, $8::timestamptz, $9, $10, "lastAccessAt"
    FROM accessed
    RETURNING ${insertedColumns})`;

/** The end of that statement: it returns the session, whether it is new or was there already. */
export const selectInsertedSession = `SELECT ${insertedColumns} FROM opened UNION ALL SELECT ${insertedColumns} FROM known`;

/** What that statement returns. */
export interface InsertedSession {
  readonly startedAt: Date;
  readonly endsAt: Date;
  readonly previousAccessAt: Date | null;
}

/** The row that it returned. @throws Error if there is none, which is a defect of the code */
export function insertedSession([row]: readonly InsertedSession[]): InsertedSession {
  if (!row) throw new Error('the session was neither opened nor found');
  return row;
}

/** Ends every session of a citizen, after the password's row is written (`closures.ts`). */
export const endSessionsStatement = (citizenId: string): QueryConfig => ({
  name: 'end-all-sessions',
  text: 'DELETE FROM "Session" WHERE "citizenId" = $1::uuid',
  values: [citizenId],
});

/** The values of the parameters of `insertSessionCtes`, in their order. */
export const insertSessionParameters = (session: SessionInsert): readonly unknown[] => [
  session.id,
  session.citizenId,
  session.basis,
  session.credentialId,
  session.assurance,
  session.tokenDigest,
  new Date(session.startedAtMs),
  new Date(Math.min(session.endsAtMs, session.credentialExpiresAt.getTime())),
  session.means,
  session.relyingPartyId,
];
