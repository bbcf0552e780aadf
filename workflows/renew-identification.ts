import { strongIdentification } from '../domain/registration/strong-identification.ts';
import type { CitizenRun } from './citizen-run.ts';
import type { IdentificationRenewal, RenewalOutcome } from './messages.ts';
import { assertInTime, workflowError, workflowErrors } from './workflow-errors.ts';

/** For whoever is registered, also without Permanente: it opens nothing. */
export function validateRenewIdentification(citizen: CitizenRun, renewal: IdentificationRenewal): void {
  assertInTime(renewal);
  if (!citizen.registration) throw workflowError(workflowErrors.notRegistered);
}

/** Starts the five years anew. Code, password, blocks and journeys stay as they are. [clave] */
export const handleRenewIdentification = (
  citizen: CitizenRun,
  renewal: IdentificationRenewal,
): Promise<RenewalOutcome> =>
  citizen.runExclusive(renewal, async () => {
    validateRenewIdentification(citizen, renewal);
    const { renewalId, by, officerId, identity, requestId } = renewal;
    const nowMs = Date.now();
    const renewed = await citizen.attemptLocallyOrReject((activities) =>
      activities.renewIdentification({
        renewalId,
        citizenId: citizen.id,
        by,
        ...(officerId && { officerId }),
        requestId,
        renewedAtMs: nowMs,
      }),
    );
    citizen.setLastStrongIdentification(strongIdentification(renewed, identity, nowMs));
    citizen.notify('identification-renewed', renewalId);
    citizen.requestContinueAsNew();
    return { kind: 'renewed', ...renewed };
  });
