/** A session to be inserted, for a password whose row the caller has locked. */
export interface SessionInsert {
  readonly id: string;
  readonly citizenId: string;
  readonly passwordId: string;
  readonly assurance: 'basic' | 'substantial';
  readonly tokenDigest: string;
  readonly startedAtMs: number;
  /** The absolute limit of the policy (ms). */
  readonly endsAtMs: number;
  /** The session ends with its password at the latest. */
  readonly passwordExpiresAt: Date;
}

/** Parameters that `insertSessionCtes` takes; those of the rest of the statement follow. */
export const insertSessionParameterCount = 7;

/**
 * The beginning of a statement that inserts a session: common table expressions after `WITH`. `known` is a session that is
 * there already, and stays as it is; `opened` is the new one. The access before it is kept for the citizen to see
 * ([ENS] op.acc.5 R5).
 */
export const insertSessionCtes = `
  known AS (SELECT "endsAt", "previousAccessAt" FROM "Session" WHERE id = $1::uuid),
  accessed AS (
    UPDATE "Citizen" citizen SET "lastAccessAt" = $6::timestamptz
    FROM (SELECT "lastAccessAt" FROM "Citizen" WHERE id = $2::uuid) before
    WHERE citizen.id = $2::uuid AND NOT EXISTS (SELECT FROM known)
    RETURNING before."lastAccessAt"),
  opened AS (
    INSERT INTO "Session" (id, "citizenId", "passwordId", assurance, "tokenDigest", "startedAt", "lastUsedAt", "endsAt", "previousAccessAt")
    SELECT $1::uuid, $2::uuid, $3::uuid, $4, $5, $6::timestamptz, $6::timestamptz, $7::timestamptz, "lastAccessAt" FROM accessed
    RETURNING "endsAt", "previousAccessAt")`;

/** The values of those parameters, in their order. */
export const insertSessionParameters = (session: SessionInsert): readonly unknown[] => [
  session.id,
  session.citizenId,
  session.passwordId,
  session.assurance,
  session.tokenDigest,
  new Date(session.startedAtMs),
  new Date(Math.min(session.endsAtMs, session.passwordExpiresAt.getTime())),
];
