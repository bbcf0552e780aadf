import { otpBlockedUntilMs } from '../domain/wrong-otps.ts';
import type { CitizenRun } from './citizen-run.ts';
import type { JourneyStartOutcome, RegistrationStart } from './messages.ts';
import { openJourney } from './open-journey.ts';
import { assertInTime, workflowError, workflowErrors } from './workflow-errors.ts';

/** Only the DNIe registers who is suspended: another certificate is no identification in person. */
export function validateStartRegistration(citizen: CitizenRun, start: RegistrationStart): void {
  assertInTime(start);
  // A run that is about to end takes no act: the sender repeats it until a new run does.
  if (citizen.endsUnregistered) throw workflowError(workflowErrors.runEnding);
  if (citizen.isSuspended && !start.isStrong) throw workflowError(workflowErrors.registrationRequired);
  const counts = citizen.otpCountsOf('certificate');
  const untilMs = otpBlockedUntilMs(counts, start.policy.wrongOtps, Date.now());
  if (untilMs !== undefined) throw workflowError(workflowErrors.tooMany, untilMs);
}

/**
 * Starts an online registration, which ends every other journey: a certificate is the strongest proof. Nothing is registered
 * before the phone is proved.
 */
export const handleStartRegistration = (
  citizen: CitizenRun,
  start: RegistrationStart,
): Promise<JourneyStartOutcome> =>
  citizen.runExclusive(start, async () => {
    validateStartRegistration(citizen, start);
    const { journeyId, certificateId, actId, isStrong, identity } = start;
    // A repetition, which Temporal does not recognise: its update has another id (`api/registration/online-registrations.ts`).
    const known = citizen.viewOf(journeyId);
    if (known) return { kind: 'started', journey: known };
    const opened = await openJourney(citizen, start, {
      kind: 'registration',
      authority: { basis: 'certificate', credentialId: certificateId },
      act: { actId, isStrong, identity },
    });
    return opened.kind === 'too-many' ? opened : { kind: 'started', journey: opened.journey };
  });
