import type { QueryConfig } from 'pg';
import type { Authority } from '../domain/journeys.ts';

/**
 * Locks the password in force, after the citizen (`records/closures.ts`), so that a failed sign-in of the same moment blocks
 * it before this transaction or after it.
 */
export const lockPassword = (citizenId: string): QueryConfig => ({
  name: 'lock-password-in-force',
  text: 'SELECT 1 FROM "Password" WHERE "citizenId" = $1::uuid FOR UPDATE',
  values: [citizenId],
});

/**
 * Finds one row if the credentials of a journey are still valid: the password in force and not blocked, the session not
 * ended. An expired password is valid without a session only, for its renewal ([clave]). A later release may send a basis that
 * is not known here: it is not valid.
 */
export const findValidAuthority = (
  citizenId: string,
  { basis, credentialId, sessionId }: Authority,
  at: Date,
): QueryConfig => ({
  name: 'find-valid-authority',
  text: `
    SELECT 1 FROM "Password" password
    WHERE $2 = 'password' AND password.id = $3::uuid AND password."citizenId" = $1::uuid AND "blockedAt" IS NULL
      AND ($4::uuid IS NULL OR "expiresAt" > $5::timestamptz AND EXISTS (
        SELECT FROM "Session" session
        WHERE session.id = $4::uuid AND session."citizenId" = $1::uuid AND basis = $2 AND "credentialId" = $3::uuid))`,
  values: [citizenId, basis, credentialId, sessionId ?? null, at],
});
