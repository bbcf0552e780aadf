import type { Authority, JourneyOutcome } from '../domain/journeys.ts';
import { type Database, executeStatement } from '../platform/database.ts';
import { audit } from '../records/audit.ts';
import { lockCitizen, recordSuspension, recordUnsubscription } from '../records/closures.ts';
import { completeJourney } from '../records/journeys.ts';
import { findValidAuthority, lockPassword } from './authority.ts';
import { withTransaction } from './transaction.ts';

export interface Unsubscribe {
  readonly citizenId: string;
  readonly journeyId: string;
  readonly authority: Authority;
  readonly outcome: JourneyOutcome;
  readonly finishedBy: string;
  readonly requestId: string;
  readonly unsubscribedAtMs: number;
}

/**
 * Destroys everything that signs a citizen in, and completes the journey; the registration stays. Safe to run twice: a
 * citizen who is unsubscribed stays so.
 */
export const unsubscribe = (
  db: Database,
  unsubscription: Unsubscribe,
): Promise<{ kind: 'unsubscribed' | 'superseded' }> =>
  withTransaction(db, async (tx) => {
    const { citizenId, journeyId, authority, outcome, requestId } = unsubscription;
    const journey = await tx.journey.findUnique({ where: { id: journeyId }, select: { outcome: true } });
    if (journey?.outcome === outcome) return { kind: 'unsubscribed' };
    // The journey was lost with an older backup: the citizen has to ask again.
    if (!journey) return { kind: 'superseded' };
    await executeStatement(tx, lockCitizen(citizenId));
    await executeStatement(tx, lockPassword(citizenId));
    const unsubscribedAt = new Date(unsubscription.unsubscribedAtMs);
    if ((await executeStatement(tx, findValidAuthority(citizenId, authority, unsubscribedAt))) === 0)
      return { kind: 'superseded' };
    await recordUnsubscription(tx, citizenId, unsubscribedAt);
    const stamp = { id: journeyId, citizenId, journeyId, requestId };
    await audit(tx, { type: 'citizen-unsubscribed' }, stamp);
    await executeStatement(
      tx,
      completeJourney({ ...unsubscription, kind: 'unsubscription', at: unsubscribedAt }),
    );
    return { kind: 'unsubscribed' };
  });

/** Whether a citizen is unsubscribed. Only reads. */
export const isUnsubscribed = async (db: Pick<Database, 'prisma'>, id: string): Promise<boolean> =>
  (await db.prisma.citizen.count({ where: { id, unsubscribedAt: { not: null } } })) > 0;

export interface Suspend {
  readonly suspensionId: string;
  readonly citizenId: string;
  readonly officerId: string;
  readonly requestId: string;
  readonly suspendedAtMs: number;
}

/**
 * Ends sessions and blocks the password until a registration act. Safe to run twice: the first instant stays.
 * @throws Error if an office's suspension was in force, and a registration act has lifted it while the message was on its way
 */
export const suspend = (db: Database, suspension: Suspend): Promise<void> =>
  withTransaction(db, async (tx) => {
    const { suspensionId, citizenId, officerId, requestId } = suspension;
    await executeStatement(tx, lockCitizen(citizenId));
    // An API of the version before leaves it to this transaction to put the suspension in force.
    const row = await tx.suspension.findFirst({
      where: { id: suspensionId, citizenId },
      select: { at: true },
    });
    const isLifted =
      row !== null &&
      (await tx.citizen.count({
        where: { id: citizenId, suspendedAt: null, registeredAt: { gt: row.at } },
      })) > 0;
    if (isLifted) throw new Error('a registration act has lifted the suspension');
    await recordSuspension(tx, citizenId, new Date(suspension.suspendedAtMs));
    await audit(tx, { type: 'citizen-suspended' }, { id: suspensionId, citizenId, officerId, requestId });
  });
