import type { CitizenRun } from './citizen-run.ts';
import type { Suspension, SuspensionOutcome } from './messages.ts';
import { assertInTime, workflowError, workflowErrors } from './workflow-errors.ts';

/** Only a registered citizen can be suspended. */
export function validateSuspendCitizen(citizen: CitizenRun, suspension: Suspension): void {
  assertInTime(suspension);
  if (!citizen.code) throw workflowError(workflowErrors.notRegistered);
}

/**
 * Suspends a citizen on an officer's suspicion ([ENS] op.acc.5.5): sessions and journeys end, and password and code open
 * nothing until a new registration act. The notice is sent once, however often the suspension is repeated.
 */
export const handleSuspendCitizen = (
  citizen: CitizenRun,
  suspension: Suspension,
): Promise<SuspensionOutcome> =>
  citizen.runExclusive(suspension, async () => {
    // An unsubscription may have come while this message waited for the lock.
    validateSuspendCitizen(citizen, suspension);
    const { suspensionId, officerId, requestId } = suspension;
    const suspendedAtMs = Date.now();
    await citizen.attemptLocallyOrReject((activities) =>
      activities.suspend({ suspensionId, citizenId: citizen.id, officerId, requestId, suspendedAtMs }),
    );
    citizen.endJourneys('blocked');
    if (!citizen.isSuspended) citizen.notify('suspended', suspensionId);
    citizen.suspend();
    citizen.updateVisibility();
    citizen.requestContinueAsNew();
    return { kind: 'suspended' };
  });
