import type { AuditEvent } from '../domain/audit-events.ts';
import type { JourneyKind } from '../domain/journeys.ts';
import { entered, isBlocked, isRight } from './activation-code.ts';
import { type Citizen, mustBeInTime } from './citizen-record.ts';
import { type CodeEntry, type CodeOutcome, refusals } from './messages.ts';
import { openVisit } from './openings.ts';
import { refusal } from './visit.ts';

/** An entry for a blocked code leaves no history: a flood of them costs a citizen's workflow nothing. */
export function mayEnterCode(citizen: Citizen, entry: CodeEntry): void {
  mustBeInTime(entry);
  if (!citizen.code) throw refusal(refusals.notRegistered);
  if (citizen.suspended || isBlocked(citizen.code)) throw refusal(refusals.codeBlocked);
  // A wrong entry is counted in any case, so that nothing is learnt from the limits of one who knows the code.
  if (!isRight(citizen.code, entry.entered)) return;
  const untilMs = citizen.textsWaitUntilMs('code', entry.policy);
  if (untilMs !== undefined) throw refusal(refusals.tooMany, untilMs);
}

/**
 * An entry of the activation code. Counted before anything is awaited: two entries at once can't both be the fifth.
 * A right one opens a visit; without a password yet it is an activation, otherwise a reset ([clave]: one service).
 */
export async function enterCode(citizen: Citizen, entry: CodeEntry): Promise<CodeOutcome> {
  // Fifty may have passed the validator together: decided here, one by one.
  if (!citizen.code || isBlocked(citizen.code)) throw refusal(refusals.codeBlocked);
  const right = isRight(citizen.code, entry.entered);
  citizen.code = entered(citizen.code, right);
  if (right) return begin(citizen, entry);
  const isBlockedNow = isBlocked(citizen.code);
  record(
    citizen,
    entry,
    isBlockedNow ? { type: 'activation-code-blocked' } : { type: 'activation-refused', reason: 'wrong-code' },
  );
  citizen.show();
  return { kind: isBlockedNow ? 'blocked' : 'wrong' };
}

/** What was refused, beside the answer: the count is the workflow's, and waits for nobody. */
const record = (citizen: Citizen, { visitId, requestId }: CodeEntry, event: AuditEvent): void =>
  citizen.inBackground(
    citizen.record((write) =>
      write.recordEvent(event, { id: `${visitId}/entry`, citizenId: citizen.id, requestId }),
    ),
  );

const begin = (citizen: Citizen, entry: CodeEntry): Promise<CodeOutcome> =>
  citizen.exclusively(entry, async () => {
    // A new act, a regeneration or a suspension while this entry waited for its turn: the code it was right for is void.
    if (!citizen.code || citizen.suspended || !isRight(citizen.code, entry.entered)) {
      record(citizen, entry, { type: 'activation-refused', reason: 'wrong-code' });
      return { kind: 'wrong' };
    }
    const kind: JourneyKind = citizen.password ? 'password-reset' : 'activation';
    const opened = await openVisit(citizen, entry, { kind });
    if (opened.kind === 'opened') return { kind: 'accepted', journey: opened.journey };
    record(citizen, entry, { type: 'activation-refused', reason: 'texts-used-up' });
    return opened;
  });
