import { z } from 'zod';
import { regenerateActivationCode } from '../../workflows/messages.ts';
import { workflowErrors } from '../../workflows/workflow-errors.ts';
import { instant, nationalId } from '../http/fields.ts';
import { route } from '../http/route.ts';
import { NoWorkflow, Unavailable } from '../http/unavailable.ts';
import { issueCode } from './issue-code.ts';

/** Issues a new activation code to a registered citizen. The password stays in force, and so does a block. [clave], [AEAT-code] */
export const regenerateCode = route({
  method: 'post',
  path: '/activation-codes',
  summary: 'Regenerate the activation code of a registered citizen',
  tag: 'Registration office',
  caller: 'officer',
  body: () => z.strictObject({ nationalId }),
  replies: { 201: z.object({ activationCode: z.string(), issuedAt: instant }) },
  problems: ['not-registered', 'registration-act-needed'],
  async handle({ body, caller, randomness, requestId }, dependencies) {
    const citizen = await dependencies.db.prisma.citizen.findUnique({
      where: { nationalId: body.nationalId },
      include: { password: { select: { blockedAt: true } } },
    });
    if (!citizen) return { problem: 'not-registered' };
    // PostgreSQL is authoritative for a block of the password; the workflow may not have the signal yet.
    if (citizen.unsubscribedAt || citizen.suspendedAt || citizen.password?.blockedAt)
      return { problem: 'registration-act-needed' };
    const code = issueCode(dependencies, randomness, citizen.id);
    const result = await dependencies.citizens
      .update(
        regenerateActivationCode,
        { officerId: caller.officerId, requestId, code: code.issue },
        { citizenId: citizen.id, updateId: randomness.uuid('update') },
      )
      .catch((error: unknown) => {
        if (error instanceof NoWorkflow) return undefined;
        throw error;
      });
    if (!result) return { problem: 'registration-act-needed' };
    if (!result.rejected)
      return {
        status: 201,
        body: { activationCode: code.shown, issuedAt: new Date(result.outcome.issuedAtMs).toISOString() },
      };
    if (result.type === workflowErrors.registrationRequired) return { problem: 'registration-act-needed' };
    if (result.type === workflowErrors.notRegistered) return { problem: 'not-registered' };
    throw new Unavailable();
  },
});
