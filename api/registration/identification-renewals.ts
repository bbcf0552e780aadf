import { z } from 'zod';
import type { Language } from '../../domain/languages.ts';
import * as messages from '../../workflows/messages.ts';
import { workflowErrors } from '../../workflows/workflow-errors.ts';
import { actReceipt } from '../certificates/act-receipts.ts';
import type { UpdateOptions } from '../citizens/citizen-client.ts';
import {
  lastStrongIdentification,
  type PresentedStrongIdentification,
  presentStrongIdentification,
} from '../citizens/strong-identification.ts';
import type { ApiDependencies } from '../http/dependencies.ts';
import { nationalId } from '../http/fields.ts';
import type { Problem } from '../http/problems.ts';
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
  { nationalId, officerId, withEvidence, keepReceipt }: Subject,
  dependencies: ApiDependencies,
): Promise<Reply> {
  const { db, policy } = dependencies;
  const citizen = await db.prisma.citizen.findUnique({
    where: { nationalId },
    select: { id: true, language: true },
  });
  if (!citizen) return { problem: 'not-registered' };
  const renewalId = randomness.uuid('renewal');
  const by: messages.IdentificationRenewal['by'] = officerId ? 'office' : 'dnie';
  const message = {
    ...{ renewalId, by, requestId, identity: policy.identity },
    ...(officerId && { officerId }),
  } as const;
  const order = { citizenId: citizen.id, updateId: randomness.uuid('update') };
  const language = citizen.language as Language;
  return withEvidence({ actId: renewalId, kind: 'identification-renewal', language }, async () => {
    const renewed = await record(message, order, dependencies);
    if ('problem' in renewed) return renewed;
    const receipt = await keepReceipt(renewalId, { language, issuedAt: renewed.at, until: renewed.dueAt });
    return { status: 201, body: { lastStrongIdentification: renewed, ...receipt } };
  });
}

/** Has the workflow record the renewal. */
async function record(
  message: Omit<messages.IdentificationRenewal, 'answerByMs'>,
  order: UpdateOptions,
  { citizens, policy }: Pick<ApiDependencies, 'citizens' | 'policy'>,
): Promise<PresentedStrongIdentification | Problem> {
  const result = await citizens
    .update(messages.renewIdentification, message, order)
    .catch((error: unknown) => {
      if (error instanceof NoWorkflow) return undefined;
      throw error;
    });
  if (!result) return { problem: 'registration-act-needed' };
  if (!result.rejected) return presentStrongIdentification(result.outcome, policy);
  if (result.type === workflowErrors.notRegistered) return { problem: 'not-registered' };
  throw new Unavailable();
}
