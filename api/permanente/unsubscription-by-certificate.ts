import { isAudited } from '../../records/audit.ts';
import { unsubscribeByCertificate } from '../../workflows/messages.ts';
import { workflowErrors } from '../../workflows/workflow-errors.ts';
import { certificateMessageId, useCertificate } from '../certificates/certificate-use.ts';
import { findCertifiedCitizen } from '../certificates/certified-citizen.ts';
import type { ApiDependencies } from '../http/dependencies.ts';
import type { ActCaller, Reply, RequestContext } from '../http/route.ts';
import { Unavailable } from '../http/unavailable.ts';

type Context = RequestContext<unknown, ActCaller>;

/** Unsubscribes the holder of a certificate at once, without an SMS code ([R15] 5.2). The registration stays. */
export const unsubscribeWithCertificate = (context: Context, dependencies: ApiDependencies): Promise<Reply> =>
  useCertificate(context, context.caller.certificate, dependencies, () => unsubscribe(context, dependencies));

const unsubscribed: Reply = { status: 204, body: undefined };

async function unsubscribe(context: Context, dependencies: ApiDependencies): Promise<Reply> {
  const { certificate } = context.caller;
  const { citizen } = await findCertifiedCitizen(certificate, dependencies);
  if (!citizen) return { problem: 'not-registered' };
  const messageId = certificateMessageId(context);
  if (citizen.unsubscribedAt)
    // By an attempt of this request before, or by something else.
    return context.mayBeRetry &&
      (await isAudited(dependencies.db, { type: 'citizen-unsubscribed' }, { id: messageId }))
      ? unsubscribed
      : { problem: 'registration-act-needed' };
  if (citizen.suspendedAt) return { problem: 'suspended' };
  const result = await dependencies.citizens.update(
    unsubscribeByCertificate,
    { messageId, certificateId: certificate.id, requestId: context.requestId },
    // As a change of the password by certificate.
    { citizenId: citizen.id, updateId: context.requestId },
  );
  if (result.rejected) {
    if (result.type === workflowErrors.suspended) return { problem: 'suspended' };
    if (result.type === workflowErrors.registrationRequired) return { problem: 'registration-act-needed' };
    throw new Unavailable();
  }
  switch (result.outcome.kind) {
    case 'unsubscribed':
      return unsubscribed;
    case 'suspended':
      return { problem: 'suspended' };
    case 'superseded':
      throw new Unavailable();
  }
}
