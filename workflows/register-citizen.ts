import type { PasswordInForce } from '../activities/registrations.ts';
import type { CitizenRun } from './citizen-run.ts';
import type { Registration, RegistrationOutcome } from './messages.ts';
import type { PasswordClock } from './snapshot.ts';
import { assertInTime, workflowError, workflowErrors } from './workflow-errors.ts';

/** A run that is about to end takes no act: the sender repeats it until a new run does. */
export function validateRegisterCitizen(citizen: CitizenRun, act: Registration): void {
  assertInTime(act);
  if (citizen.endsUnregistered) throw workflowError(workflowErrors.runEnding);
}

/**
 * Applies a registration act. The first makes the citizen known; a further one replaces name and contact data, issues a
 * new code, resets the counters, ends the open journeys and keeps the password, blocked if it is older than a suspension.
 * [clave], "Loss of Activation Code".
 */
export const handleRegisterCitizen = (citizen: CitizenRun, act: Registration): Promise<RegistrationOutcome> =>
  citizen.runExclusive(act, async () => {
    const { actId, code, officerId, requestId } = act;
    const { codeId } = code;
    // A repetition that reaches a later run than the first attempt, where Temporal does not recognise it. The code of the
    // act may be void by now: it is not put in force again.
    const earlierMs = citizen.issuedAtMs(codeId);
    if (earlierMs !== undefined) return { kind: 'registered', issuedAtMs: earlierMs };
    const nowMs = Date.now();
    const { password } = citizen;
    const applied = await citizen.attemptLocallyOrReject((activities) =>
      activities.applyRegistration({
        actId,
        codeId,
        citizenId: citizen.id,
        officerId,
        requestId,
        appliedAtMs: nowMs,
        ...(password && { passwordId: password.id }),
      }),
    );
    // A worker wrote this act and died before the workflow learned of it; a later act has replaced it since.
    if (applied.kind === 'superseded') return { kind: 'registered', issuedAtMs: applied.appliedAtMs };
    if (applied.kind !== 'applied') {
      citizen.endsUnregistered = !citizen.registration;
      return applied;
    }
    citizen.endJourneys('superseded');
    citizen.register(
      { level: applied.level, lastStrongIdentification: { atMs: nowMs, by: 'office' } },
      code,
      nowMs,
    );
    if (!citizen.password && applied.password) citizen.setPassword(clockOf(applied.password, nowMs));
    else if (citizen.password && applied.password?.id === citizen.password.id)
      citizen.setPassword({ ...citizen.password, blocked: applied.password.blocked });
    citizen.notify(applied.again ? 'new-act' : 'welcome', actId);
    if (applied.phoneChanged) citizen.notify('new-act-former-phone', actId, actId);
    citizen.updateVisibility();
    // The first act begins the citizen's first run; a further one ends the current run.
    if (applied.again) citizen.requestContinueAsNew();
    return { kind: 'registered', issuedAtMs: nowMs };
  });

/** The clock of a password that only PostgreSQL knows: the citizen's workflow was lost. A blocked password stays blocked. */
const clockOf = (password: PasswordInForce, nowMs: number): PasswordClock => ({
  ...password,
  expired: password.expiresAtMs <= nowMs,
  remindersAtMs: [],
});
