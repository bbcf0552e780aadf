import type { Queries } from './database.ts';

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
