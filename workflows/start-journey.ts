import type { CitizenRun } from './citizen-run.ts';
import type { JourneyStart, JourneyStartOutcome } from './messages.ts';
import { openJourney } from './open-journey.ts';
import { assertInTime, workflowError, workflowErrors } from './workflow-errors.ts';

/** Only for the password in force; an expired one opens nothing but its renewal. [clave] */
export function validateStartJourney(citizen: CitizenRun, start: JourneyStart): void {
  assertInTime(start);
  const { password } = citizen;
  const isInForce = start.authority.basis === 'password' && password?.id === start.authority.credentialId;
  if (!password || !isInForce || password.blocked || citizen.isSuspended)
    throw workflowError(workflowErrors.superseded);
  if (!isRenewal(start) && Date.now() >= password.expiresAtMs) throw workflowError(workflowErrors.superseded);
  const untilMs = citizen.smsBlockedUntilMs('password', start.policy, Date.now());
  if (untilMs !== undefined) throw workflowError(workflowErrors.tooMany, untilMs);
}

/** The change of an expired password: it rests on the password alone, since that opens no session. */
const isRenewal = ({ kind, authority }: JourneyStart): boolean =>
  kind === 'password-change' && !authority.sessionId;

/**
 * Starts a journey with the password. It supersedes another such, but none that was opened with the activation code: a
 * thief of the password alone can't keep its owner from a reset.
 */
export const handleStartJourney = (citizen: CitizenRun, start: JourneyStart): Promise<JourneyStartOutcome> =>
  citizen.runExclusive(start, async () => {
    validateStartJourney(citizen, start);
    const { kind, authority, stagedPasswordId } = start;
    const opened = await openJourney(citizen, start, {
      kind,
      authority,
      ...(stagedPasswordId && { stagedPasswordId }),
    });
    return opened.kind === 'too-many' ? opened : { kind: 'started', journey: opened.journey };
  });
