import { after } from '../domain/durations.ts';
import type { Citizen } from './citizen-record.ts';
import { runJourney } from './journeying.ts';
import { type Beginning, type CodeEntry, type JourneyView, refusals } from './messages.ts';
import { type Opening, refusal, Visit } from './visit.ts';

type Opened = { kind: 'opened'; journey: JourneyView } | { kind: 'too-many'; retryAtMs: number };

/**
 * Opens a visit in the citizen's turn: its row and first SMS code in PostgreSQL, at once or not at all; then its story.
 * @throws ApplicationFailure Unavailable, or NoSuchVisit for a repetition after its end
 */
export async function openVisit(
  citizen: Citizen,
  { visitId, tokenDigest, policy, requestId }: CodeEntry | Beginning,
  what: Pick<Opening, 'kind' | 'authority' | 'stagedPasswordId'>,
): Promise<Opened> {
  const startedAtMs = Date.now();
  const { kind, authority } = what;
  const begunWith = authority ? 'password' : 'code';
  const { tries, per } = policy.textsPerPhone;
  const opened = await citizen.open((write) =>
    write.openVisit({
      ...{ visitId, citizenId: citizen.id, kind, tokenDigest, requestId, startedAtMs },
      expiresAtMs: after(startedAtMs, policy.visitLife),
      allowance: { begunWith, tries, endsAtMs: after(startedAtMs, per) },
    }),
  );
  if (opened.kind === 'over') throw refusal(refusals.noSuchVisit);
  if (opened.kind === 'texts-used-up') {
    citizen.textsAreUsedUp(begunWith, opened.retryAtMs);
    return { kind: 'too-many', retryAtMs: opened.retryAtMs };
  }
  const { fingerprint } = opened;
  const visit = new Visit({ id: visitId, policy, requestId, startedAtMs, fingerprint, ...what });
  citizen.enter(visit);
  citizen.inBackground(runJourney(visit, citizen));
  return { kind: 'opened', journey: visit.view() };
}
