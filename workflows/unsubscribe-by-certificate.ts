import type { CitizenRun } from './citizen-run.ts';
import type { CertifiedUnsubscription, CertifiedUnsubscriptionOutcome } from './messages.ts';
import { durable } from './proxies.ts';
import { assertInTime, workflowError, workflowErrors } from './workflow-errors.ts';

/** Only for who has Permanente: activated or not, blocked or not. A suspension is for the office to end. */
export function validateUnsubscribeByCertificate(
  citizen: CitizenRun,
  unsubscription: CertifiedUnsubscription,
): void {
  assertInTime(unsubscription);
  if (citizen.isSuspended) throw workflowError(workflowErrors.suspended);
  if (!citizen.code) throw workflowError(workflowErrors.registrationRequired);
}

/** Ends Permanente on the strength of a certificate, without an SMS code ([R15] 5.2). The registration stays. */
export const handleUnsubscribeByCertificate = (
  citizen: CitizenRun,
  unsubscription: CertifiedUnsubscription,
): Promise<CertifiedUnsubscriptionOutcome> =>
  citizen.runExclusive(unsubscription, async () => {
    // A suspension or another unsubscription may have come while this message waited for the lock.
    validateUnsubscribeByCertificate(citizen, unsubscription);
    const { certificateId, messageId, requestId, answerByMs } = unsubscription;
    const closed = await durable((activities) =>
      activities.unsubscribeByCertificate({
        citizenId: citizen.id,
        certificateId,
        messageId,
        requestId,
        answerByMs,
        unsubscribedAtMs: Date.now(),
      }),
    );
    if (closed.kind !== 'unsubscribed') return closed;
    citizen.endPermanente();
    citizen.notify('unsubscribed', messageId);
    citizen.updateVisibility();
    citizen.requestContinueAsNew();
    return closed;
  });
