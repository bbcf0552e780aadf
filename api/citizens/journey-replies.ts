import { type JourneyView, journeyView } from '../../workflows/messages.ts';
import { workflowErrors } from '../../workflows/workflow-errors.ts';
import type { ApiDependencies } from '../http/dependencies.ts';
import { tooMany } from '../http/problems.ts';
import type { Reply } from '../http/route.ts';
import { Unavailable } from '../http/unavailable.ts';
import { rulesOf } from '../identification/identification-kinds.ts';
import { identificationView } from '../identification/identification-rows.ts';
import type { UpdateResult } from './citizen-client.ts';
import { findJourney, finishedView, presentFor, type StoredJourney } from './stored-journey.ts';

/**
 * The view of a journey: from its row once it is finished, otherwise from the workflow. An identification of a kind that
 * this release does not know is over for it. @throws Unavailable
 */
export async function currentView(
  row: StoredJourney,
  { citizens, db, policy, clock }: Pick<ApiDependencies, 'citizens' | 'clock' | 'db' | 'policy'>,
): Promise<JourneyView> {
  if (row.finishedAt) return finishedView(row);
  if (row.proof) {
    const rules = rulesOf(row);
    return rules ? identificationView(row, rules, policy, clock.now()) : finishedView(row);
  }
  const view = await citizens.query(journeyView, row.citizenId, row.id);
  if (view) return view;
  // The workflow finished the journey since the row was read, or is about to write that it did.
  const reread = await findJourney(db, { id: row.id });
  return finishedView(reread ?? row);
}

/**
 * The journey's row, if this message finished the journey. When a reply of Temporal is lost, the SDK sends the update
 * again; by then the citizen may have a new run that knows neither the journey nor the message.
 */
export async function findIfFinishedBy(
  messageId: string,
  { id }: StoredJourney,
  { db }: Pick<ApiDependencies, 'db'>,
): Promise<StoredJourney | undefined> {
  const row = await findJourney(db, { id });
  return row?.finishedBy === messageId ? row : undefined;
}

/** The reply to an update that the workflow rejected at a step of a journey. @throws Unavailable on any other rejection */
export async function rejectedAtStep(
  { type, detail }: Extract<UpdateResult<unknown>, { rejected: true }>,
  row: StoredJourney,
  dependencies: Pick<ApiDependencies, 'citizens' | 'clock' | 'db' | 'policy'>,
): Promise<Reply> {
  switch (type) {
    case workflowErrors.wrongStep:
      return { problem: 'step-not-expected', extra: presentFor(row, detail as JourneyView) };
    case workflowErrors.journeyOver:
      return journeyEnded(row, detail as JourneyView);
    case workflowErrors.noSuchJourney:
      return journeyEnded(row, await currentView(row, dependencies));
    case workflowErrors.otpExpired:
      return otpRefused(row, detail as JourneyView, 'expired');
    case workflowErrors.tooMany:
      return tooMany(Number(detail));
    default:
      throw new Unavailable();
  }
}

/** 410: the journey is completed or ended. */
export const journeyEnded = (row: StoredJourney, view: JourneyView): Reply => ({
  problem: 'journey-ended',
  extra: presentFor(row, view),
});

/**
 * 422: a wrong or expired SMS code; the journey shows how many attempts are left. A code that has expired, or whose guesses
 * are used up, is not compared: the reason does not tell whether it was the right one.
 */
export const otpRefused = (row: StoredJourney, view: JourneyView, reason: 'wrong' | 'expired'): Reply => ({
  problem: 'otp-refused',
  extra: { reason, ...presentFor(row, view) },
});
