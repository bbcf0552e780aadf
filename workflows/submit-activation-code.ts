import type { AuditEvent } from '../domain/audit-events.ts';
import { countEntry, isBlocked, matchesCode } from './activation-code.ts';
import type { CitizenRun } from './citizen-run.ts';
import type { CodeEntry, CodeOutcome } from './messages.ts';
import { openJourney } from './open-journey.ts';
import { localThenDurable } from './proxies.ts';
import {
  assertInTime,
  workflowError,
  workflowErrors,
  wrongCodeEntered,
  wrongWhileSuspended,
} from './workflow-errors.ts';

/** Rejects entries for a blocked code before they reach the history: a flood of them costs the workflow nothing. */
export function validateSubmitActivationCode(citizen: CitizenRun, entry: CodeEntry): void {
  assertInTime(entry);
  if (!citizen.code) throw workflowError(workflowErrors.notRegistered);
  if (isBlocked(citizen.code)) throw workflowError(workflowErrors.codeBlocked);
  const isRight = matchesCode(citizen.code, entry.entered);
  // Only a caller who knows the code learns of a suspension.
  if (citizen.isSuspended || entry.isSuspended)
    throw workflowError(workflowErrors.codeBlocked, ...(isRight ? [] : [wrongWhileSuspended]));
  // Nor does anyone else learn that the phone has passed to another citizen.
  if (entry.isPhoneYielded)
    throw workflowError(workflowErrors.phoneYielded, ...(isRight ? [] : [wrongCodeEntered]));
  // Let a wrong entry through to be counted; only who knows the code learns of SMS limits.
  if (!isRight) return;
  const untilMs = citizen.smsBlockedUntilMs('activation-code', entry.policy, Date.now());
  if (untilMs !== undefined) throw workflowError(workflowErrors.tooMany, untilMs);
}

/**
 * Takes an entry of the activation code. It is counted before anything is awaited, so that of two simultaneous entries
 * not both count as the last tolerated one. The right code opens a journey: an activation, or a reset if there is a password ([clave]: one service).
 */
export async function handleSubmitActivationCode(
  citizen: CitizenRun,
  entry: CodeEntry,
): Promise<CodeOutcome> {
  // Several entries may have passed the validator together: they are decided here, one by one.
  if (!citizen.code || isBlocked(citizen.code)) throw workflowError(workflowErrors.codeBlocked);
  const right = matchesCode(citizen.code, entry.entered);
  citizen.setCode(countEntry(citizen.code, right));
  if (right) return openWithCode(citizen, entry);
  const isBlockedNow = isBlocked(citizen.code);
  recordRefusal(
    citizen,
    entry,
    isBlockedNow ? { type: 'activation-code-blocked' } : { type: 'activation-refused', reason: 'wrong-code' },
  );
  citizen.updateVisibility();
  return { kind: isBlockedNow ? 'blocked' : 'wrong' };
}

/** Audits a refusal in the background: the count stands in the workflow, so the answer need not wait for PostgreSQL. */
const recordRefusal = (citizen: CitizenRun, { journeyId, requestId }: CodeEntry, event: AuditEvent): void =>
  citizen.inBackground(
    localThenDurable((activities) =>
      activities.recordEvent(event, { id: `${journeyId}/entry`, citizenId: citizen.id, requestId }),
    ),
  );

const openWithCode = (citizen: CitizenRun, entry: CodeEntry): Promise<CodeOutcome> =>
  citizen.runExclusive(entry, async () => {
    // While this entry waited for the lock, a registration act, regeneration or suspension may have revoked the code.
    const { code } = citizen;
    if (!code || isBlocked(code) || citizen.isSuspended || !matchesCode(code, entry.entered)) {
      recordRefusal(citizen, entry, { type: 'activation-refused', reason: 'wrong-code' });
      return { kind: 'wrong' };
    }
    const opened = await openJourney(citizen, entry, {
      kind: citizen.password ? 'password-reset' : 'activation',
    });
    if (opened.kind === 'opened') return { kind: 'accepted', journey: opened.journey };
    recordRefusal(citizen, entry, { type: 'activation-refused', reason: 'texts-used-up' });
    return opened;
  });
