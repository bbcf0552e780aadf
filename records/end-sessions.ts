import type { Queries } from '../platform/database.ts';

/**
 * Sessions, and passwords on their way: nothing that was begun comes to its end. After the password, never before: its
 * row is locked by a sign-in that is being compared in this moment, and the session of that one goes too.
 */
export async function endSessions(
  tx: Pick<Queries, 'session' | 'stagedPassword'>,
  citizenId: string,
): Promise<void> {
  await tx.session.deleteMany({ where: { citizenId } });
  await tx.stagedPassword.deleteMany({ where: { citizenId } });
}

/** Blocks a password that is not blocked yet, its workflow needing no word of it, and ends what was signed in with it. */
export async function blockPassword(
  tx: Pick<Queries, 'password' | 'session' | 'stagedPassword'>,
  citizenId: string,
  at: Date,
): Promise<void> {
  await tx.password.updateMany({
    where: { citizenId, blockedAt: null },
    data: { blockedAt: at, blockToldAt: at },
  });
  await endSessions(tx, citizenId);
}
