import type { PasswordInForce } from '../activities/registrations.ts';
import { isBlocked } from './activation-code.ts';
import { type Citizen, mustBeInTime } from './citizen-record.ts';
import {
  type CodeRegeneration,
  type RegenerationOutcome,
  type Registration,
  type RegistrationOutcome,
  refusals,
} from './messages.ts';
import { newCitizen, type PasswordClock } from './snapshot.ts';
import { refusal } from './visit.ts';

/** A workflow that is about to end takes nobody in: the sender repeats until a new run does. */
export function mayRegister(citizen: Citizen, act: Registration): void {
  mustBeInTime(act);
  if (citizen.isLeaving) throw refusal(refusals.leaving);
}

/**
 * A registration act: the first makes the citizen known; a further one replaces name and contact data, gives a new
 * code and a clean slate of counts, ends the visit under way and keeps the password. [clave], "Loss of Activation Code".
 */
export const register = (citizen: Citizen, act: Registration): Promise<RegistrationOutcome> =>
  citizen.exclusively(act, async () => {
    const { actId, code, officerId, requestId } = act;
    const { codeId } = code;
    // The same act again, after the chapter in which Temporal knew the message: it brings no void code back.
    const earlierMs = citizen.issuedAtMs(codeId);
    if (earlierMs !== undefined) return { kind: 'registered', issuedAtMs: earlierMs };
    const nowMs = Date.now();
    const applied = await citizen.open((write) =>
      write.applyRegistration({
        ...{ actId, codeId, citizenId: citizen.id, officerId, requestId },
        appliedAtMs: nowMs,
        ...(citizen.password && { passwordId: citizen.password.id }),
      }),
    );
    // Written by a worker that died of it, and replaced since.
    if (applied.kind === 'superseded') return { kind: 'registered', issuedAtMs: applied.appliedAtMs };
    if (applied.kind !== 'applied') {
      citizen.isLeaving = !citizen.code;
      return applied;
    }
    citizen.endVisits('superseded');
    citizen.issue(code, nowMs);
    citizen.startAnew(newCitizen(citizen.id));
    citizen.password ??= clockOf(applied.password, nowMs);
    citizen.notify(applied.again ? 'new-act' : 'welcome', actId);
    if (applied.phoneChanged) citizen.notify('new-act-former-phone', actId, actId);
    citizen.show();
    // The first act begins the first chapter; a further one ends what was before it.
    citizen.chapterIsOver ||= applied.again;
    return { kind: 'registered', issuedAtMs: nowMs };
  });

/** Only of a citizen whose workflow was lost is there a password that it does not know; blocked, it stays so. */
const clockOf = (password: PasswordInForce | undefined, nowMs: number): PasswordClock | undefined =>
  password && { blocked: false, ...password, expired: password.expiresAtMs <= nowMs, remindersAtMs: [] };

/** Only a registration act lifts a block. [clave] */
export function mayRegenerate(citizen: Citizen, request: CodeRegeneration): void {
  mustBeInTime(request);
  if (!citizen.code) throw refusal(refusals.notRegistered);
  if (isBlocked(citizen.code) || citizen.suspended || citizen.password?.blocked)
    throw refusal(refusals.actNeeded);
}

/** A new code for a registered citizen: the old one is void at once, visits that began with it end. */
export const regenerate = (citizen: Citizen, request: CodeRegeneration): Promise<RegenerationOutcome> =>
  citizen.exclusively(request, async () => {
    const { code, officerId, requestId } = request;
    const earlierMs = citizen.issuedAtMs(code.codeId);
    if (earlierMs !== undefined) return { kind: 'regenerated', issuedAtMs: earlierMs };
    // Blocked, or left, while this message waited for its turn.
    mayRegenerate(citizen, request);
    const { codeId } = code;
    const regenerated = await citizen.open((write) =>
      write.regenerateCode({ codeId, citizenId: citizen.id, officerId, requestId }),
    );
    if (regenerated.kind === 'act-needed') throw refusal(refusals.actNeeded);
    const nowMs = Date.now();
    citizen.endVisits('superseded');
    citizen.issue(code, nowMs);
    citizen.notify('code-regenerated', code.codeId);
    citizen.show();
    citizen.chapterIsOver = true;
    return { kind: 'regenerated', issuedAtMs: nowMs };
  });
