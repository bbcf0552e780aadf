import { z } from 'zod';
import type { Language } from '../../domain/languages.ts';
import { type CodeRegeneration, regenerateActivationCode } from '../../workflows/messages.ts';
import { workflowErrors } from '../../workflows/workflow-errors.ts';
import { actReceipt } from '../certificates/act-receipts.ts';
import type { UpdateOptions } from '../citizens/citizen-client.ts';
import { issueCode } from '../citizens/issue-code.ts';
import type { ApiDependencies } from '../http/dependencies.ts';
import { instant, nationalId } from '../http/fields.ts';
import type { Problem } from '../http/problems.ts';
import { type Reply, type RequestContext, route } from '../http/route.ts';
import { NoWorkflow, Unavailable } from '../http/unavailable.ts';
import { byOfficerOrCertificate, nationalIdErrors, type Subject } from './officer-or-certificate.ts';

/** Issues a new activation code to a registered citizen, at an office or with a certificate. The password stays in force, and so does a block. [clave], [AEAT-code] */
export const regenerateCode = route({
  method: 'post',
  path: '/activation-codes',
  summary: 'Regenerate the activation code of a registered citizen',
  description:
    'An officer names the citizen by `nationalId`; with a certificate it is for oneself, and there is no such field.',
  tag: 'Registration office',
  caller: 'officer-or-act',
  body: () => z.strictObject({ nationalId: nationalId.optional() }),
  bodyErrors: nationalIdErrors,
  replies: {
    201: z.object({ activationCode: z.string(), issuedAt: instant, receipt: actReceipt.optional() }),
  },
  problems: ['not-registered', 'registration-act-needed'],
  handle: (context, dependencies) =>
    byOfficerOrCertificate(context, dependencies, (subject) => regenerate(context, subject, dependencies)),
});

async function regenerate(
  { randomness, requestId }: Pick<RequestContext<unknown, unknown>, 'randomness' | 'requestId'>,
  { nationalId, officerId, withEvidence, keepReceipt }: Subject,
  dependencies: ApiDependencies,
): Promise<Reply> {
  const citizen = await dependencies.db.prisma.citizen.findUnique({
    where: { nationalId },
    include: { password: { select: { blockedAt: true } } },
  });
  if (!citizen) return { problem: 'not-registered' };
  // PostgreSQL is authoritative for a block of the password; the workflow may not have the signal yet. Without a phone,
  // which has passed to another citizen, the code would lead nowhere.
  const { unsubscribedAt, suspendedAt, password, phone } = citizen;
  if (unsubscribedAt || suspendedAt || password?.blockedAt || phone === null)
    return { problem: 'registration-act-needed' };
  const code = issueCode(dependencies, randomness, citizen.id);
  const message = { ...(officerId && { officerId }), requestId, code: code.issue };
  const order = { citizenId: citizen.id, updateId: randomness.uuid('update') };
  const actId = code.issue.codeId;
  const language = citizen.language as Language;
  return withEvidence({ actId, kind: 'code-regeneration', language }, async () => {
    const issued = await issue(message, order, dependencies);
    if ('problem' in issued) return issued;
    const body = { activationCode: code.shown, issuedAt: new Date(issued.atMs).toISOString() };
    return { status: 201, body: { ...body, ...(await keepReceipt(actId, { ...body, language })) } };
  });
}

/** Has the workflow put the code in force. */
async function issue(
  message: Omit<CodeRegeneration, 'answerByMs'>,
  order: UpdateOptions,
  { citizens }: Pick<ApiDependencies, 'citizens'>,
): Promise<{ atMs: number } | Problem> {
  const result = await citizens.update(regenerateActivationCode, message, order).catch((error: unknown) => {
    if (error instanceof NoWorkflow) return undefined;
    throw error;
  });
  if (!result) return { problem: 'registration-act-needed' };
  if (!result.rejected) return { atMs: result.outcome.issuedAtMs };
  if (result.type === workflowErrors.registrationRequired) return { problem: 'registration-act-needed' };
  if (result.type === workflowErrors.notRegistered) return { problem: 'not-registered' };
  throw new Unavailable();
}
