import { after } from '../domain/durations.ts';
import type { CitizenRun } from './citizen-run.ts';
import { Journey, type JourneyOpening, proofOf } from './journey.ts';
import { runJourney } from './journey-runner.ts';
import type { CodeEntry, JourneyStart, JourneyView, RegistrationStart } from './messages.ts';
import { workflowError, workflowErrors } from './workflow-errors.ts';

type Opened = { kind: 'opened'; journey: JourneyView } | { kind: 'too-many'; retryAtMs: number };

/**
 * Opens a journey under the citizen's lock: writes its row and first SMS code with one try, then starts its steps.
 * @throws ApplicationFailure Unavailable, or NoSuchJourney for a repetition after its end
 */
export async function openJourney(
  citizen: CitizenRun,
  { journeyId, tokenDigest, policy, requestId }: CodeEntry | JourneyStart | RegistrationStart,
  what: Pick<JourneyOpening, 'kind' | 'authority' | 'stagedPasswordId' | 'act'>,
): Promise<Opened> {
  const startedAtMs = Date.now();
  const proof = proofOf(what.authority);
  const { max, per } = policy.smsPerPhone;
  const opened = await citizen.attemptLocallyOrReject((activities) =>
    activities.openJourney({
      journeyId,
      citizenId: citizen.id,
      kind: what.kind,
      ...(what.act && { actId: what.act.actId }),
      tokenDigest,
      requestId,
      startedAtMs,
      expiresAtMs: after(startedAtMs, policy.journeyLife),
      allowance: { proof, max, endsAtMs: after(startedAtMs, per) },
    }),
  );
  if (opened.kind === 'over') throw workflowError(workflowErrors.noSuchJourney);
  if (opened.kind === 'sms-limit-reached') {
    citizen.blockSms(proof, opened.retryAtMs);
    return { kind: 'too-many', retryAtMs: opened.retryAtMs };
  }
  const { fingerprint } = opened;
  const journey = new Journey({ ...what, id: journeyId, policy, requestId, startedAtMs, fingerprint });
  citizen.addJourney(journey);
  citizen.inBackground(runJourney(journey, citizen));
  return { kind: 'opened', journey: journey.view() };
}
