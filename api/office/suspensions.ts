import { z } from 'zod';
import { type Database, executeStatement } from '../../platform/database.ts';
import { audit } from '../../records/audit.ts';
import { lockCitizen, recordSuspension } from '../../records/closures.ts';
import type { UntoldSuspension } from '../citizens/suspension-outbox.ts';
import { nationalId } from '../http/fields.ts';
import { route } from '../http/route.ts';

/**
 * Suspends a citizen on suspicion, such as a lost phone or fraud. Only a new registration act ends it. [ENS] op.acc.5.5. The
 * emergency stop depends on no workflow: it is in force in PostgreSQL first, and the workflow hears of it as soon as it
 * can (docs/adr/0042).
 */
export const suspend = route({
  method: 'post',
  path: '/suspensions',
  summary: 'Suspend a citizen',
  tag: 'Registration office',
  caller: 'officer',
  body: () =>
    z.strictObject({
      nationalId,
      reason: z
        .string()
        .trim()
        .min(1)
        .max(500)
        .regex(/^[^\p{Cc}\p{Cs}]*$/u)
        .meta({ description: 'For the office: kept with the suspension and shown to nobody else.' }),
    }),
  replies: { 201: z.object({ citizenId: z.guid() }) },
  problems: ['not-registered'],
  async handle({ body, caller, randomness, requestId }, { db, clock, suspensionOutbox }) {
    const citizen = await db.prisma.citizen.findUnique({ where: { nationalId: body.nationalId } });
    if (!citizen) return { problem: 'not-registered' };
    const { id: citizenId } = citizen;
    const { officerId } = caller;
    const suspension = { id: randomness.uuid('suspension'), citizenId, officerId, requestId };
    if (!(await enforce(db, suspension, body.reason, new Date(clock.now()))))
      return { problem: 'not-registered' };
    // The answer waits for the first attempt, so that it usually finds journeys ended and the notice on its way.
    await suspensionOutbox.send(suspension);
    return { status: 201, body: { citizenId } };
  },
});

/**
 * Puts a suspension in force in PostgreSQL, whatever Temporal does: sessions end and the password is blocked in the same
 * transaction. Returns false for a citizen who is unsubscribed. Safe to run twice: only the first run does anything, so
 * that a late repetition does not suspend again after a registration act.
 */
const enforce = (db: Database, suspension: UntoldSuspension, reason: string, at: Date): Promise<boolean> =>
  db.prisma.$transaction(async (tx) => {
    const { id, citizenId, officerId, requestId } = suspension;
    await executeStatement(tx, lockCitizen(citizenId));
    if ((await tx.citizen.count({ where: { id: citizenId, unsubscribedAt: null } })) === 0) return false;
    const data = [{ ...suspension, reason }];
    const { count } = await tx.suspension.createMany({ data, skipDuplicates: true });
    if (count === 0) return true;
    await recordSuspension(tx, citizenId, at);
    await audit(tx, { type: 'citizen-suspended' }, { id, citizenId, officerId, requestId });
    return true;
  });
