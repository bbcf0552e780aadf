import type { AuditEvent } from '../domain/audit-events.ts';
import type { JourneyKind } from '../domain/journeys.ts';
import { countEntry, isBlocked, matchesCode } from './activation-code.ts';
import { assertInTime, type Citizen } from './citizen-state.ts';
import { workflowError } from './journey.ts';
import { type CodeEntry, type CodeOutcome, workflowErrors } from './messages.ts';
import { openJourney } from './open-journey.ts';

/** An entry for a blocked code leaves no history: a flood of them costs a citizen's workflow nothing. */
export function validateCodeEntry(citizen: Citizen, entry: CodeEntry): void {
  assertInTime(entry);
  if (!citizen.code) throw workflowError(workflowErrors.notRegistered);
  if (citizen.suspended || isBlocked(citizen.code)) throw workflowError(workflowErrors.codeBlocked);
  // A wrong entry is counted in any case, so that nothing is learnt from the limits of one who knows the code.
  if (!matchesCode(citizen.code, entry.entered)) return;
  const untilMs = citizen.smsBlockedUntil('code', entry.policy);
  if (untilMs !== undefined) throw workflowError(workflowErrors.tooMany, untilMs);
}

/**
 * An entry of the activation code. Counted before anything is awaited: two entries at once can't both be the fifth.
 * A right one opens a journey; without a password yet it is an activation, otherwise a reset ([clave]: one service).
 */
export async function enterActivationCode(citizen: Citizen, entry: CodeEntry): Promise<CodeOutcome> {
  // Fifty may have passed the validator together: decided here, one by one.
  if (!citizen.code || isBlocked(citizen.code)) throw workflowError(workflowErrors.codeBlocked);
  const right = matchesCode(citizen.code, entry.entered);
  citizen.code = countEntry(citizen.code, right);
  if (right) return begin(citizen, entry);
  const isBlockedNow = isBlocked(citizen.code);
  record(
    citizen,
    entry,
    isBlockedNow ? { type: 'activation-code-blocked' } : { type: 'activation-refused', reason: 'wrong-code' },
  );
  citizen.updateVisibility();
  return { kind: isBlockedNow ? 'blocked' : 'wrong' };
}

/** What was refused, beside the answer: the count is the workflow's, and waits for nobody. */
const record = (citizen: Citizen, { journeyId, requestId }: CodeEntry, event: AuditEvent): void =>
  citizen.inBackground(
    citizen.write((write) =>
      write.recordEvent(event, { id: `${journeyId}/entry`, citizenId: citizen.id, requestId }),
    ),
  );

const begin = (citizen: Citizen, entry: CodeEntry): Promise<CodeOutcome> =>
  citizen.runExclusive(entry, async () => {
    // A new act, a regeneration or a suspension while this entry waited for its turn: the code it was right for is void.
    if (!citizen.code || citizen.suspended || !matchesCode(citizen.code, entry.entered)) {
      record(citizen, entry, { type: 'activation-refused', reason: 'wrong-code' });
      return { kind: 'wrong' };
    }
    const kind: JourneyKind = citizen.password ? 'password-reset' : 'activation';
    const opened = await openJourney(citizen, entry, { kind });
    if (opened.kind === 'opened') return { kind: 'accepted', journey: opened.journey };
    record(citizen, entry, { type: 'activation-refused', reason: 'texts-used-up' });
    return opened;
  });
