import { z } from 'zod';
import { suspendCitizen } from '../../workflows/messages.ts';
import { workflowErrors } from '../../workflows/workflow-errors.ts';
import { nationalId } from '../http/fields.ts';
import { route } from '../http/route.ts';
import { Unavailable } from '../http/unavailable.ts';

/** Suspends a citizen on suspicion, such as a lost phone or fraud. Only a new registration act ends it. [ENS] op.acc.5.5 */
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
  async handle({ body, caller, randomness, requestId }, { db, citizens }) {
    const citizen = await db.prisma.citizen.findUnique({ where: { nationalId: body.nationalId } });
    if (!citizen || citizen.unsubscribedAt) return { problem: 'not-registered' };
    const { id: citizenId } = citizen;
    const { officerId } = caller;
    const id = randomness.uuid('suspension');
    const data = [{ id, citizenId, officerId, requestId, reason: body.reason }];
    await db.prisma.suspension.createMany({ data, skipDuplicates: true });
    const result = await citizens.update(
      suspendCitizen,
      { suspensionId: id, officerId, requestId },
      { citizenId, updateId: randomness.uuid('update') },
    );
    if (!result.rejected) return { status: 201, body: { citizenId } };
    if (result.type === workflowErrors.notRegistered) return { problem: 'not-registered' };
    throw new Unavailable();
  },
});
