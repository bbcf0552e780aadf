import type { Authority, JourneyOutcome, WorkflowJourneyKind } from '../domain/journeys.ts';
import type { Database, Queries } from '../platform/database.ts';
import { audit } from '../records/audit.ts';
import { endIdentifications } from '../records/identifications.ts';
import { completeJourney } from '../records/journeys.ts';
import { clearConsecutiveOtpCounts } from '../records/otp-counts.ts';
import { withTransaction } from './transaction.ts';

export interface SavePassword {
  readonly passwordId: string;
  readonly citizenId: string;
  readonly journeyId: string;
  readonly kind: WorkflowJourneyKind;
  readonly outcome: JourneyOutcome;
  readonly finishedBy: string;
  readonly requestId: string;
  readonly setAtMs: number;
  readonly expiresAtMs: number;
  /** For a change or renewal: the password, and the session if there is one, on which it rests. */
  readonly authority?: Authority;
}

/**
 * Whether the credentials of a journey are still valid: the password in force and not blocked, the session not ended. An
 * expired password is valid without a session only, for its renewal ([clave]). The password's row stays locked, so that a
 * failed sign-in of the same moment blocks it before this transaction or after it.
 */
export async function isAuthorityValid(
  tx: Queries,
  citizenId: string,
  { basis, credentialId, sessionId }: Authority,
  atMs: number,
): Promise<boolean> {
  // A later release may send one that is not known here.
  if (basis !== 'password') return false;
  const [password] = await tx.$queryRaw<{ expiresAt: Date }[]>`
    SELECT "expiresAt" FROM "Password"
    WHERE id = ${credentialId}::uuid AND "citizenId" = ${citizenId}::uuid AND "blockedAt" IS NULL FOR UPDATE`;
  if (!password || !sessionId) return password !== undefined;
  if (password.expiresAt.getTime() <= atMs) return false;
  return (await tx.session.count({ where: { id: sessionId, citizenId, basis, credentialId } })) > 0;
}

/** Whether a password is blocked. Only reads. */
export const isPasswordBlocked = async (db: Pick<Database, 'prisma'>, id: string): Promise<boolean> =>
  (await db.prisma.password.count({ where: { id, blockedAt: { not: null } } })) > 0;

/**
 * Puts a staged password in force, in place of any other, completes its journey, and ends every session except the one
 * that changed it: one transaction, so that password and outcome of the journey are written together. The staged row must be
 * unused, and belong to this citizen and journey. Safe to run twice: a password in force under this id was saved by the
 * first run.
 */
export const savePassword = (
  db: Database,
  password: SavePassword,
): Promise<{ kind: 'saved' | 'refused' | 'superseded' }> =>
  withTransaction(db, async (tx) => {
    const { passwordId: id, citizenId, journeyId, kind, requestId } = password;
    // A concurrent second run waits here for the first, and finds its password below.
    await tx.$queryRaw`SELECT id FROM "Citizen" WHERE id = ${citizenId}::uuid FOR UPDATE`;
    if ((await tx.password.count({ where: { id, citizenId } })) > 0) return { kind: 'saved' };
    // The journey was lost with an older backup: without its row its outcome could not be read.
    if ((await tx.journey.count({ where: { id: journeyId } })) === 0) return { kind: 'superseded' };
    const { authority } = password;
    if (authority && !(await isAuthorityValid(tx, citizenId, authority, password.setAtMs)))
      return { kind: 'superseded' };
    const staged = await tx.stagedPassword.findFirst({ where: { id, citizenId, journeyId } });
    if (!staged) return { kind: 'refused' };

    await tx.stagedPassword.deleteMany({ where: { journeyId } });
    await tx.password.deleteMany({ where: { citizenId } });
    const setAt = new Date(password.setAtMs);
    const expiresAt = new Date(password.expiresAtMs);
    await tx.password.create({
      data: { id, citizenId, hash: staged.hash, keyId: staged.keyId, setAt, expiresAt },
    });
    await endIdentifications(tx, citizenId, 'superseded', setAt);
    // Begun with the activation code: as a right SMS code, it shows that its owner is back.
    if (!authority) await clearConsecutiveOtpCounts(tx, citizenId);
    const kept = authority?.sessionId ?? id;
    await tx.session.deleteMany({ where: { citizenId, id: { not: kept } } });
    await tx.session.updateMany({ where: { id: kept }, data: { credentialId: id } });
    const stamp = { id: journeyId, citizenId, journeyId, requestId };
    await audit(tx, { type: 'password-set', by: kind, expiresAt: expiresAt.toISOString() }, stamp);
    await completeJourney(tx, { ...password, at: setAt, passwordExpiresAt: expiresAt });
    return { kind: 'saved' };
  });
