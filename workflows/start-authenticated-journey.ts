import { beginJourney } from './begin-journey.ts';
import type { CitizenRun } from './citizen-run.ts';
import type { JourneyStart, JourneyStartOutcome } from './messages.ts';
import { assertInTime, workflowError, workflowErrors } from './workflow-errors.ts';

/** Only for the password in force; an expired one opens nothing but its renewal. [clave] */
export function validateJourneyStart(citizen: CitizenRun, start: JourneyStart): void {
  assertInTime(start);
  const { password } = citizen;
  if (!password || password.id !== start.authority.passwordId || password.blocked || citizen.suspended)
    throw workflowError(workflowErrors.superseded);
  const isRenewal = start.kind === 'password-change' && !start.authority.sessionId;
  if (!isRenewal && Date.now() >= password.expiresAtMs) throw workflowError(workflowErrors.superseded);
  const untilMs = citizen.smsBlockedUntil('password', start.policy, Date.now());
  if (untilMs !== undefined) throw workflowError(workflowErrors.tooMany, untilMs);
}

/**
 * Starts a journey with the password. It supersedes another such, but none that was begun with the activation code: a
 * thief of the password alone can't keep its owner from a reset.
 */
export const startAuthenticatedJourney = (
  citizen: CitizenRun,
  start: JourneyStart,
): Promise<JourneyStartOutcome> =>
  citizen.runExclusive(start, async () => {
    validateJourneyStart(citizen, start);
    const { kind, authority, stagedPasswordId } = start;
    const begun = await beginJourney(citizen, start, {
      kind,
      authority,
      ...(stagedPasswordId && { stagedPasswordId }),
    });
    return begun.kind === 'too-many' ? begun : { kind: 'started', journey: begun.journey };
  });
