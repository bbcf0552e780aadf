import { z } from 'zod';
import type { Language } from '../../domain/languages.ts';
import * as messages from '../../workflows/messages.ts';
import { workflowErrors } from '../../workflows/workflow-errors.ts';
import { actReceipt } from '../certificates/act-receipts.ts';
import { lastStrongIdentification, presentStrongIdentification } from '../citizens/strong-identification.ts';
import type { ApiDependencies } from '../http/dependencies.ts';
import { nationalId } from '../http/fields.ts';
import { type Reply, type RequestContext, route } from '../http/route.ts';
import { NoWorkflow, Unavailable } from '../http/unavailable.ts';
import { byOfficerOrCertificate, nationalIdErrors, type Subject } from './officer-or-certificate.ts';

/**
 * Records that the identity was proved in person again, for another five years: before an officer, or with the DNIe. Nothing
 * else changes, and there is no new code. [clave]: "no other digital certificate is valid"
 */
export const renewIdentification = route({
  method: 'post',
  path: '/identification-renewals',
  summary: 'Renew the identification in person',
  description: 'Only the DNIe or an office renews it: any other certificate is refused.',
  tag: 'Registration with a certificate',
  caller: 'officer-or-act',
  body: () => z.strictObject({ nationalId: nationalId.optional() }),
  bodyErrors: nationalIdErrors,
  replies: { 201: z.object({ lastStrongIdentification, receipt: actReceipt.optional() }) },
  problems: ['not-registered', 'registration-act-needed', 'dnie-needed'],
  handle: (context, dependencies) =>
    byOfficerOrCertificate(context, dependencies, async (subject) => {
      if (subject.holder && !subject.holder.isStrong) return { problem: 'dnie-needed' };
      return renew(context, subject, dependencies);
    }),
});

async function renew(
  { randomness, requestId }: Pick<RequestContext<unknown, unknown>, 'randomness' | 'requestId'>,
  { nationalId, officerId, stageEvidence, keepReceipt }: Subject,
  { citizens, db, policy }: ApiDependencies,
): Promise<Reply> {
  const citizen = await db.prisma.citizen.findUnique({
    where: { nationalId },
    select: { id: true, language: true },
  });
  if (!citizen) return { problem: 'not-registered' };
  const renewalId = randomness.uuid('renewal');
  const language = citizen.language as Language;
  await stageEvidence(renewalId, 'identification-renewal', language);
  const by = officerId ? 'office' : 'dnie';
  const result = await citizens
    .update(
      messages.renewIdentification,
      { renewalId, by, ...(officerId && { officerId }), requestId, identity: policy.identity },
      { citizenId: citizen.id, updateId: randomness.uuid('update') },
    )
    .catch((error: unknown) => {
      if (error instanceof NoWorkflow) return undefined;
      throw error;
    });
  if (!result) return { problem: 'registration-act-needed' };
  if (!result.rejected) {
    const renewed = presentStrongIdentification(result.outcome, policy);
    const receipt = await keepReceipt(renewalId, { language, issuedAt: renewed.at, until: renewed.dueAt });
    return { status: 201, body: { lastStrongIdentification: renewed, ...receipt } };
  }
  if (result.type === workflowErrors.notRegistered) return { problem: 'not-registered' };
  throw new Unavailable();
}
