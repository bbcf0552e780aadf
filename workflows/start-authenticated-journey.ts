import { assertInTime, type Citizen } from './citizen-state.ts';
import { workflowError } from './journey.ts';
import { type JourneyStart, type JourneyStartOutcome, workflowErrors } from './messages.ts';
import { openJourney } from './open-journey.ts';

/** Only for the password that is in force; an expired one opens nothing but its renewal. [clave] */
export function validateJourneyStart(citizen: Citizen, beginning: JourneyStart): void {
  assertInTime(beginning);
  const { password } = citizen;
  if (!password || password.id !== beginning.authority.passwordId || password.blocked || citizen.suspended)
    throw workflowError(workflowErrors.superseded);
  const isRenewal = beginning.kind === 'password-change' && !beginning.authority.sessionId;
  if (!isRenewal && Date.now() >= password.expiresAtMs) throw workflowError(workflowErrors.superseded);
  const untilMs = citizen.smsBlockedUntil('password', beginning.policy);
  if (untilMs !== undefined) throw workflowError(workflowErrors.tooMany, untilMs);
}

/**
 * A journey begun with the password. It ends another such, but none that was begun with the activation code: who holds
 * only the password can't keep the owner from a reset.
 */
export const startAuthenticatedJourney = (
  citizen: Citizen,
  beginning: JourneyStart,
): Promise<JourneyStartOutcome> =>
  citizen.runExclusive(beginning, async () => {
    validateJourneyStart(citizen, beginning);
    const { kind, authority, stagedPasswordId } = beginning;
    const opened = await openJourney(citizen, beginning, {
      ...{ kind, authority },
      ...(stagedPasswordId && { stagedPasswordId }),
    });
    return opened.kind === 'too-many' ? opened : { kind: 'started', journey: opened.journey };
  });
