import type { PasswordInForce } from '../activities/registrations.ts';
import { isBlocked } from './activation-code.ts';
import type { CitizenRun } from './citizen-run.ts';
import type { CodeRegeneration, RegenerationOutcome, Registration, RegistrationOutcome } from './messages.ts';
import { newCitizenSnapshot, type PasswordClock } from './snapshot.ts';
import { assertInTime, workflowError, workflowErrors } from './workflow-errors.ts';

/** A run that is about to end takes no act: the sender repeats it until a new run does. */
export function validateRegistration(citizen: CitizenRun, act: Registration): void {
  assertInTime(act);
  if (citizen.isEnding) throw workflowError(workflowErrors.runEnding);
}

/**
 * Applies a registration act. The first makes the citizen known; a further one replaces name and contact data, issues a
 * new code, resets the counters, ends the open journeys and keeps the password. [clave], "Loss of Activation Code".
 */
export const register = (citizen: CitizenRun, act: Registration): Promise<RegistrationOutcome> =>
  citizen.runExclusive(act, async () => {
    const { actId, code, officerId, requestId } = act;
    const { codeId } = code;
    // The same act again, after the run in which Temporal knew the message: its code may be void by now and stays so.
    const earlierMs = citizen.issuedAtMs(codeId);
    if (earlierMs !== undefined) return { kind: 'registered', issuedAtMs: earlierMs };
    const nowMs = Date.now();
    const { password } = citizen;
    const applied = await citizen.runOnce((activities) =>
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
    // Written by a worker that then died, and replaced since.
    if (applied.kind === 'superseded') return { kind: 'registered', issuedAtMs: applied.appliedAtMs };
    if (applied.kind !== 'applied') {
      citizen.isEnding = !citizen.code;
      return applied;
    }
    citizen.endJourneys('superseded');
    citizen.issue(code, nowMs);
    citizen.resetCounters(newCitizenSnapshot(citizen.id));
    citizen.password ??= clockOf(applied.password, nowMs);
    citizen.notify(applied.again ? 'new-act' : 'welcome', actId);
    if (applied.phoneChanged) citizen.notify('new-act-former-phone', actId, actId);
    citizen.updateVisibility();
    // The first act begins the citizen's first run; a further one ends the current run.
    if (applied.again) citizen.requestContinueAsNew();
    return { kind: 'registered', issuedAtMs: nowMs };
  });

/** The clock of a password that only PostgreSQL knows: the citizen's workflow was lost. A blocked password stays blocked. */
const clockOf = (password: PasswordInForce | undefined, nowMs: number): PasswordClock | undefined =>
  password && { blocked: false, ...password, expired: password.expiresAtMs <= nowMs, remindersAtMs: [] };

/** Only a registration act lifts a block. [clave] */
export function validateRegeneration(citizen: CitizenRun, request: CodeRegeneration): void {
  assertInTime(request);
  if (!citizen.code) throw workflowError(workflowErrors.notRegistered);
  if (isBlocked(citizen.code) || citizen.suspended || citizen.password?.blocked)
    throw workflowError(workflowErrors.registrationRequired);
}

/** Issues a new code to a registered citizen: the old one is void at once, and open journeys end. */
export const regenerate = (citizen: CitizenRun, request: CodeRegeneration): Promise<RegenerationOutcome> =>
  citizen.runExclusive(request, async () => {
    const { code, officerId, requestId } = request;
    const { codeId } = code;
    const earlierMs = citizen.issuedAtMs(codeId);
    if (earlierMs !== undefined) return { kind: 'regenerated', issuedAtMs: earlierMs };
    // A block or an unsubscription may have come while this message waited for the lock.
    validateRegeneration(citizen, request);
    const regenerated = await citizen.runOnce((activities) =>
      activities.regenerateCode({ codeId, citizenId: citizen.id, officerId, requestId }),
    );
    if (regenerated.kind === 'act-needed') throw workflowError(workflowErrors.registrationRequired);
    const nowMs = Date.now();
    citizen.endJourneys('superseded');
    citizen.issue(code, nowMs);
    citizen.notify('code-regenerated', codeId);
    citizen.updateVisibility();
    citizen.requestContinueAsNew();
    return { kind: 'regenerated', issuedAtMs: nowMs };
  });
