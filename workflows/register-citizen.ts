import type { AppliedRegistration, PasswordInForce } from '../activities/registrations.ts';
import {
  type IdentificationPeriods,
  strongIdentification,
} from '../domain/registration/strong-identification.ts';
import type { CitizenRun } from './citizen-run.ts';
import type { CodeIssue, Registration, RegistrationOutcome } from './messages.ts';
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
    const { actId, code, officerId, requestId, identity } = act;
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
      citizen.endsUnregistered = !citizen.registration && !citizen.hasOpenJourney;
      // Only of an act that was declared online.
      if (applied.kind === 'not-allowed') throw workflowError(workflowErrors.registrationRequired);
      return applied;
    }
    // Results of an earlier release do not tell it.
    const strong = applied.strong ?? { atMs: nowMs, by: 'office' };
    putActInForce(citizen, { ...applied, strong }, { code, identity, nowMs });
    citizen.notify(applied.again ? 'new-act' : 'welcome', actId);
    if (applied.phoneChanged) citizen.notify('new-act-former-phone', actId, actId);
    citizen.updateVisibility();
    // The first act begins the citizen's first run; a further one ends the current run.
    if (applied.again) citizen.requestContinueAsNew();
    return { kind: 'registered', issuedAtMs: nowMs };
  });

/** What an act that PostgreSQL has applied does in the workflow, at an office and online alike. */
export function putActInForce(
  citizen: CitizenRun,
  { level, strong, password }: Extract<AppliedRegistration, { kind: 'applied' }>,
  { code, identity, nowMs }: { code: CodeIssue; identity: IdentificationPeriods | undefined; nowMs: number },
): void {
  citizen.endJourneys('superseded');
  citizen.register(
    { level, ...(strong && { lastStrongIdentification: strongIdentification(strong, identity, nowMs) }) },
    code,
    nowMs,
  );
  if (!citizen.password && password) citizen.setPassword(clockOf(password, nowMs));
  else if (citizen.password && password?.id === citizen.password.id)
    citizen.setPassword({ ...citizen.password, blocked: password.blocked });
}

/** The clock of a password that only PostgreSQL knows: the citizen's workflow was lost. A blocked password stays blocked. */
const clockOf = (password: PasswordInForce, nowMs: number): PasswordClock => ({
  ...password,
  expired: password.expiresAtMs <= nowMs,
  remindersAtMs: [],
});
