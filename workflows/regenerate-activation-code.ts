import { isBlocked } from './activation-code.ts';
import type { CitizenRun } from './citizen-run.ts';
import type { CodeRegeneration, RegenerationOutcome } from './messages.ts';
import { assertInTime, workflowError, workflowErrors } from './workflow-errors.ts';

/** Only a registration act lifts a block. [clave] */
export function validateRegenerateActivationCode(citizen: CitizenRun, request: CodeRegeneration): void {
  assertInTime(request);
  if (!citizen.code) throw workflowError(workflowErrors.notRegistered);
  if (isBlocked(citizen.code) || citizen.isSuspended || citizen.password?.blocked)
    throw workflowError(workflowErrors.registrationRequired);
}

/** Issues a new code to a registered citizen: the old one is void at once, and open journeys end. */
export const handleRegenerateActivationCode = (
  citizen: CitizenRun,
  request: CodeRegeneration,
): Promise<RegenerationOutcome> =>
  citizen.runExclusive(request, async () => {
    const { code, officerId, requestId } = request;
    const { codeId } = code;
    const earlierMs = citizen.issuedAtMs(codeId);
    if (earlierMs !== undefined) return { kind: 'regenerated', issuedAtMs: earlierMs };
    // A block or an unsubscription may have come while this message waited for the lock.
    validateRegenerateActivationCode(citizen, request);
    const nowMs = Date.now();
    const regenerated = await citizen.attemptLocallyOrReject((activities) =>
      activities.regenerateCode({
        codeId,
        citizenId: citizen.id,
        ...(officerId && { officerId }),
        requestId,
        regeneratedAtMs: nowMs,
      }),
    );
    if (regenerated.kind === 'act-needed') throw workflowError(workflowErrors.registrationRequired);
    citizen.endJourneys('superseded');
    citizen.issue(code, nowMs);
    citizen.notify('code-regenerated', codeId);
    citizen.updateVisibility();
    citizen.requestContinueAsNew();
    return { kind: 'regenerated', issuedAtMs: nowMs };
  });
