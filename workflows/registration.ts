import type { PasswordInForce } from '../activities/registrations.ts';
import { isBlocked } from './activation-code.ts';
import { assertInTime, type Citizen } from './citizen-state.ts';
import { workflowError } from './journey.ts';
import {
  type CodeRegeneration,
  type RegenerationOutcome,
  type Registration,
  type RegistrationOutcome,
  workflowErrors,
} from './messages.ts';
import { newCitizenSnapshot, type PasswordClock } from './snapshot.ts';

/** A workflow that is about to end takes nobody in: the sender repeats until a new run does. */
export function validateRegistration(citizen: Citizen, act: Registration): void {
  assertInTime(act);
  if (citizen.isEnding) throw workflowError(workflowErrors.runEnding);
}

/**
 * A registration act: the first makes the citizen known; a further one replaces name and contact data, gives a new
 * code and a clean slate of counts, ends the journey under way and keeps the password. [clave], "Loss of Activation Code".
 */
export const register = (citizen: Citizen, act: Registration): Promise<RegistrationOutcome> =>
  citizen.runExclusive(act, async () => {
    const { actId, code, officerId, requestId } = act;
    const { codeId } = code;
    // The same act again, after the chapter in which Temporal knew the message: it brings no void code back.
    const earlierMs = citizen.issuedAtMs(codeId);
    if (earlierMs !== undefined) return { kind: 'registered', issuedAtMs: earlierMs };
    const nowMs = Date.now();
    const applied = await citizen.writeOnce((write) =>
      write.applyRegistration({
        ...{ actId, codeId, citizenId: citizen.id, officerId, requestId },
        appliedAtMs: nowMs,
        ...(citizen.password && { passwordId: citizen.password.id }),
      }),
    );
    // Written by a worker that died of it, and replaced since.
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
    // The first act begins the first chapter; a further one ends what was before it.
    citizen.continueAsNewRequested ||= applied.again;
    return { kind: 'registered', issuedAtMs: nowMs };
  });

/** Only of a citizen whose workflow was lost is there a password that it does not know; blocked, it stays so. */
const clockOf = (password: PasswordInForce | undefined, nowMs: number): PasswordClock | undefined =>
  password && { blocked: false, ...password, expired: password.expiresAtMs <= nowMs, remindersAtMs: [] };

/** Only a registration act lifts a block. [clave] */
export function validateRegeneration(citizen: Citizen, request: CodeRegeneration): void {
  assertInTime(request);
  if (!citizen.code) throw workflowError(workflowErrors.notRegistered);
  if (isBlocked(citizen.code) || citizen.suspended || citizen.password?.blocked)
    throw workflowError(workflowErrors.registrationRequired);
}

/** A new code for a registered citizen: the old one is void at once, journeys that began with it end. */
export const regenerate = (citizen: Citizen, request: CodeRegeneration): Promise<RegenerationOutcome> =>
  citizen.runExclusive(request, async () => {
    const { code, officerId, requestId } = request;
    const earlierMs = citizen.issuedAtMs(code.codeId);
    if (earlierMs !== undefined) return { kind: 'regenerated', issuedAtMs: earlierMs };
    // Blocked, or left, while this message waited for its turn.
    validateRegeneration(citizen, request);
    const { codeId } = code;
    const regenerated = await citizen.writeOnce((write) =>
      write.regenerateCode({ codeId, citizenId: citizen.id, officerId, requestId }),
    );
    if (regenerated.kind === 'act-needed') throw workflowError(workflowErrors.registrationRequired);
    const nowMs = Date.now();
    citizen.endJourneys('superseded');
    citizen.issue(code, nowMs);
    citizen.notify('code-regenerated', code.codeId);
    citizen.updateVisibility();
    citizen.continueAsNewRequested = true;
    return { kind: 'regenerated', issuedAtMs: nowMs };
  });
