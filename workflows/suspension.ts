import { type Citizen, mustBeInTime } from './citizen-record.ts';
import { refusals, type Suspension, type SuspensionOutcome } from './messages.ts';
import { refusal } from './visit.ts';

export function maySuspend(citizen: Citizen, suspension: Suspension): void {
  mustBeInTime(suspension);
  if (!citizen.code) throw refusal(refusals.notRegistered);
}

/**
 * An office shuts a citizen's account on suspicion ([ENS] op.acc.5.5): sessions and visits end, password and code open
 * nothing until a new registration act. Told once, however often it is done.
 */
export const suspend = (citizen: Citizen, suspension: Suspension): Promise<SuspensionOutcome> =>
  citizen.exclusively(suspension, async () => {
    const { suspensionId, officerId, requestId } = suspension;
    await citizen.open((write) =>
      write.suspend({ suspensionId, citizenId: citizen.id, officerId, requestId, suspendedAtMs: Date.now() }),
    );
    citizen.endVisits('blocked');
    if (!citizen.suspended) citizen.notify('suspended', suspensionId);
    citizen.suspended = true;
    citizen.show();
    citizen.chapterIsOver = true;
    return { kind: 'suspended' };
  });
