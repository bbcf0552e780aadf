import { after } from '../domain/durations.ts';
import type { Citizen } from './citizen-state.ts';
import { Journey, type JourneyOpening, workflowError } from './journey.ts';
import { runJourney } from './journey-steps.ts';
import { type CodeEntry, type JourneyStart, type JourneyView, workflowErrors } from './messages.ts';

type Opened = { kind: 'opened'; journey: JourneyView } | { kind: 'too-many'; retryAtMs: number };

/**
 * Opens a journey in the citizen's turn: its row and first SMS code in PostgreSQL, at once or not at all; then its story.
 * @throws ApplicationFailure Unavailable, or NoSuchJourney for a repetition after its end
 */
export async function openJourney(
  citizen: Citizen,
  { journeyId, tokenDigest, policy, requestId }: CodeEntry | JourneyStart,
  what: Pick<JourneyOpening, 'kind' | 'authority' | 'stagedPasswordId'>,
): Promise<Opened> {
  const startedAtMs = Date.now();
  const { kind, authority } = what;
  const proof = authority ? 'password' : 'code';
  const { max, per } = policy.smsPerPhone;
  const opened = await citizen.writeOnce((write) =>
    write.openJourney({
      ...{ journeyId, citizenId: citizen.id, kind, tokenDigest, requestId, startedAtMs },
      expiresAtMs: after(startedAtMs, policy.journeyLife),
      allowance: { proof: proof, max: max, endsAtMs: after(startedAtMs, per) },
    }),
  );
  if (opened.kind === 'over') throw workflowError(workflowErrors.noSuchJourney);
  if (opened.kind === 'sms-limit-reached') {
    citizen.blockSms(proof, opened.retryAtMs);
    return { kind: 'too-many', retryAtMs: opened.retryAtMs };
  }
  const { fingerprint } = opened;
  const journey = new Journey({ id: journeyId, policy, requestId, startedAtMs, fingerprint, ...what });
  citizen.addJourney(journey);
  citizen.inBackground(runJourney(journey, citizen));
  return { kind: 'opened', journey: journey.view() };
}
