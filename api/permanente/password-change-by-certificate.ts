import { normalisePassword } from '../../domain/permanente/password-rules.ts';
import { changePasswordByCertificate } from '../../workflows/messages.ts';
import { workflowErrors } from '../../workflows/workflow-errors.ts';
import { certificateMessageId, useCertificate } from '../certificates/certificate-use.ts';
import { findCertifiedCitizen } from '../certificates/certified-citizen.ts';
import type { ApiDependencies } from '../http/dependencies.ts';
import type { ActCaller, Reply, RequestContext } from '../http/route.ts';
import { Unavailable } from '../http/unavailable.ts';
import { brokenRules, isPasswordOf, stagePassword } from './new-password.ts';

type Context = RequestContext<{ readonly newPassword: string }, ActCaller>;

/** Changes the password of the holder of a certificate: without the current one, and without an SMS code ([R15] 5.2). */
export const changePasswordWithCertificate = (
  context: Context,
  dependencies: ApiDependencies,
): Promise<Reply> =>
  useCertificate(context, context.caller.certificate, dependencies, () => change(context, dependencies));

async function change(context: Context, dependencies: ApiDependencies): Promise<Reply> {
  const { body, randomness, requestId } = context;
  const { certificate } = context.caller;
  const { citizen } = await findCertifiedCitizen(certificate, dependencies);
  if (!citizen) return { problem: 'not-registered' };
  const { id: citizenId, password } = citizen;
  const stagedPasswordId = randomness.uuid('password');
  // A repetition of the request that has set it.
  if (password?.id === stagedPasswordId) return changed(password.expiresAt.getTime());
  if (citizen.suspendedAt) return { problem: 'suspended' };
  if (!password || password.blockedAt) return { problem: 'reset-needed' };
  const candidate = normalisePassword(body.newPassword);
  const broken = await brokenRules(candidate, citizen, dependencies, () =>
    isPasswordOf(citizenId, candidate, dependencies),
  );
  if (broken.length > 0)
    return { problem: 'password-refused', extra: { errors: broken.map((code) => ({ code })) } };
  const messageId = certificateMessageId(context);
  // It belongs to no journey, but to this message.
  await stagePassword(dependencies, { id: stagedPasswordId, citizenId, journeyId: messageId }, candidate);
  const { passwordLife, passwordReminders } = dependencies.policy;
  const result = await dependencies.citizens.update(
    changePasswordByCertificate,
    {
      ...{ messageId, certificateId: certificate.id, requestId, stagedPasswordId },
      policy: { passwordLife, passwordReminders },
    },
    // Not derived from the randomness: a repetition is not to be answered with what an attempt met that was given up.
    { citizenId, updateId: requestId },
  );
  if (result.rejected) {
    if (result.type === workflowErrors.suspended) return { problem: 'suspended' };
    if (result.type === workflowErrors.resetNeeded) return { problem: 'reset-needed' };
    throw new Unavailable();
  }
  const { outcome } = result;
  switch (outcome.kind) {
    case 'changed':
      return changed(outcome.passwordExpiresAtMs);
    case 'suspended':
    case 'reset-needed':
      return { problem: outcome.kind };
    case 'superseded':
      throw new Unavailable();
  }
}

const changed = (expiresAtMs: number): Reply => ({
  status: 200,
  body: { passwordExpiresAt: new Date(expiresAtMs).toISOString() },
});
