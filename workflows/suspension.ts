import { assertInTime, type Citizen } from './citizen-state.ts';
import { workflowError } from './journey.ts';
import { type Suspension, type SuspensionOutcome, workflowErrors } from './messages.ts';

export function validateSuspension(citizen: Citizen, suspension: Suspension): void {
  assertInTime(suspension);
  if (!citizen.code) throw workflowError(workflowErrors.notRegistered);
}

/**
 * An office shuts a citizen's account on suspicion ([ENS] op.acc.5.5): sessions and journeys end, password and code open
 * nothing until a new registration act. Told once, however often it is done.
 */
export const suspend = (citizen: Citizen, suspension: Suspension): Promise<SuspensionOutcome> =>
  citizen.runExclusive(suspension, async () => {
    const { suspensionId, officerId, requestId } = suspension;
    await citizen.writeOnce((write) =>
      write.suspend({ suspensionId, citizenId: citizen.id, officerId, requestId, suspendedAtMs: Date.now() }),
    );
    citizen.endJourneys('blocked');
    if (!citizen.suspended) citizen.notify('suspended', suspensionId);
    citizen.suspended = true;
    citizen.updateVisibility();
    citizen.continueAsNewRequested = true;
    return { kind: 'suspended' };
  });
