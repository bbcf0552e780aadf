import { after } from '../domain/durations.ts';
import type { CitizenRun } from './citizen-run.ts';
import type { CertifiedPasswordChange, CertifiedPasswordOutcome } from './messages.ts';
import { countRightOtp } from './otp-counts.ts';
import { newPasswordClock } from './password-clock.ts';
import { durable } from './proxies.ts';
import { assertInTime, workflowError, workflowErrors } from './workflow-errors.ts';

/** Only in place of a password that is not blocked, expired or not: a block ends by a reset or a registration act ([clave]). */
export function validateChangePasswordByCertificate(
  citizen: CitizenRun,
  change: CertifiedPasswordChange,
): void {
  assertInTime(change);
  if (citizen.isSuspended) throw workflowError(workflowErrors.suspended);
  const { code, password } = citizen;
  if (!code || !password || password.blocked) throw workflowError(workflowErrors.resetNeeded);
}

/**
 * Puts a staged password in force on the strength of a certificate, without an SMS code ([R15] 5.2): its clock of two years
 * starts, every session is over and open journeys are superseded.
 */
export const handleChangePasswordByCertificate = (
  citizen: CitizenRun,
  change: CertifiedPasswordChange,
): Promise<CertifiedPasswordOutcome> =>
  citizen.runExclusive(change, async () => {
    const { stagedPasswordId, certificateId, messageId, requestId, policy, answerByMs } = change;
    // A repetition that reaches a later run than the first attempt.
    if (citizen.password?.id === stagedPasswordId)
      return { kind: 'changed', passwordExpiresAtMs: citizen.password.expiresAtMs };
    // A block or a suspension may have come while this message waited for the lock.
    validateChangePasswordByCertificate(citizen, change);
    const setAtMs = Date.now();
    const expiresAtMs = after(setAtMs, policy.passwordLife);
    // Durable: what PostgreSQL has put in force, the workflow must hear of.
    const saved = await durable((activities) =>
      activities.savePasswordByCertificate({
        passwordId: stagedPasswordId,
        citizenId: citizen.id,
        certificateId,
        messageId,
        requestId,
        answerByMs,
        setAtMs,
        expiresAtMs,
      }),
    );
    if (saved.kind !== 'saved') return saved;
    citizen.endJourneys('superseded');
    // Its owner is back, whatever a thief of the password has guessed.
    citizen.setOtpCounts('password', countRightOtp(citizen.otpCountsOf('password')));
    citizen.setPassword(newPasswordClock(stagedPasswordId, expiresAtMs, setAtMs, policy.passwordReminders));
    citizen.notify('password-set-by-certificate', messageId);
    citizen.updateVisibility();
    citizen.requestContinueAsNew();
    return { kind: 'changed', passwordExpiresAtMs: expiresAtMs };
  });
