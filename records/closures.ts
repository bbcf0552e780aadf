import type { QueryConfig } from 'pg';
import { executeStatement, type Queries } from '../platform/database.ts';
import { endIdentifications } from './identifications.ts';
import { voidIdentifications } from './party-identifications.ts';

/**
 * The first lock of every transaction that takes several, which are taken in this order: citizen, password, journey,
 * counts, session, identifications to relying parties. Two transactions then wait for each other in one direction only. A statement of its own: what was
 * committed while it waited is not in its snapshot, but in that of the next.
 */
export const lockCitizen = (citizenId: string): QueryConfig => ({
  name: 'lock-citizen',
  text: 'SELECT 1 FROM "Citizen" WHERE id = $1::uuid FOR NO KEY UPDATE',
  values: [citizenId],
});

/** What a closure writes to. */
type ClosureTables = Pick<
  Queries,
  '$executeRawUnsafe' | 'citizen' | 'password' | 'session' | 'stagedPassword'
>;

/**
 * Ends every session of a citizen and discards staged passwords, so that no journey under way completes. Called after
 * the password's row is written: a sign-in that holds that row's lock commits first, and its session is ended too.
 */
async function endSessions(
  tx: Pick<Queries, 'session' | 'stagedPassword'>,
  citizenId: string,
): Promise<void> {
  await tx.session.deleteMany({ where: { citizenId } });
  await tx.stagedPassword.deleteMany({ where: { citizenId } });
}

/**
 * Blocks the password, if it is not blocked yet, and ends the sessions. The block counts as reported (`blockToldAt`): the
 * workflow knows of it already, so the outbox sends nothing.
 */
export async function blockPassword(tx: ClosureTables, citizenId: string, at: Date): Promise<void> {
  await executeStatement(tx, lockCitizen(citizenId));
  await tx.password.updateMany({
    where: { citizenId, blockedAt: null },
    data: { blockedAt: at, blockToldAt: at },
  });
  await endIdentifications(tx, citizenId, 'blocked', at);
  await endSessions(tx, citizenId);
}

/**
 * Marks a citizen as suspended until the next registration act, blocks the password and voids the latest identifications to
 * relying parties. A suspension in force keeps its instant.
 */
export async function recordSuspension(tx: ClosureTables, citizenId: string, at: Date): Promise<void> {
  await blockPassword(tx, citizenId, at);
  await voidIdentifications(tx, citizenId, at);
  await tx.citizen.updateMany({ where: { id: citizenId, suspendedAt: null }, data: { suspendedAt: at } });
}

/**
 * Marks a citizen as unsubscribed, deletes everything they sign in with and voids the latest identifications to relying
 * parties; the registration stays.
 */
export async function recordUnsubscription(tx: ClosureTables, citizenId: string, at: Date): Promise<void> {
  await executeStatement(tx, lockCitizen(citizenId));
  await tx.password.deleteMany({ where: { citizenId } });
  await endIdentifications(tx, citizenId, 'superseded', at);
  await endSessions(tx, citizenId);
  await voidIdentifications(tx, citizenId, at);
  await tx.citizen.update({ where: { id: citizenId }, data: { unsubscribedAt: at } });
}
