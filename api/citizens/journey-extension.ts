import { extendJourney, type JourneyView } from '../../workflows/messages.ts';
import { workflowErrors } from '../../workflows/workflow-errors.ts';
import type { ApiDependencies } from '../http/dependencies.ts';
import { type Reply, route } from '../http/route.ts';
import { extendIdentification } from '../identification/extend-identification.ts';
import { rulesOf } from '../identification/identification-kinds.ts';
import { identificationView } from '../identification/identification-rows.ts';
import { currentView, journeyEnded, rejectedAtStep } from './journey-replies.ts';
import { finishedView, journeyReply, presentFor, type StoredJourney } from './stored-journey.ts';

/**
 * Gives a journey as much time again as it had ([WCAG] 2.2.1). Once: a repetition gets the same answer and no more time
 * (docs/adr/0040).
 */
export const extendTime = route({
  method: 'post',
  path: '/journeys/:id/extension',
  summary: 'Have more time for a journey, once',
  tag: 'Journeys',
  caller: 'journey',
  replies: { 200: journeyReply },
  problems: ['journey-ended'],
  async handle({ caller, randomness, requestId }, dependencies) {
    if (caller.finishedAt) return journeyEnded(caller, finishedView(caller));
    if (caller.proof) return extendTimeOfIdentification(caller, dependencies);
    const messageId = randomness.uuid('message');
    const result = await dependencies.citizens.update(
      extendJourney,
      { journeyId: caller.id, messageId, requestId },
      { citizenId: caller.citizenId, updateId: messageId },
    );
    if (!result.rejected) return extended(caller, result.outcome.journey, dependencies);
    return result.type === workflowErrors.alreadyExtended
      ? extended(caller, result.detail as JourneyView, dependencies)
      : rejectedAtStep(result, caller, dependencies);
  },
});

async function extendTimeOfIdentification(
  caller: StoredJourney,
  dependencies: ApiDependencies,
): Promise<Reply> {
  const rules = rulesOf(caller);
  if (!rules) return journeyEnded(caller, finishedView(caller));
  const row = await extendIdentification(rules, caller, dependencies);
  if (!row) return journeyEnded(caller, await currentView(caller, dependencies));
  const view = identificationView(row, rules, dependencies.policy, dependencies.clock.now());
  return { status: 200, body: presentFor(caller, view) };
}

/** The reply; the row is brought up to date too, from which a finished journey is presented. */
async function extended(row: StoredJourney, view: JourneyView, { db }: ApiDependencies): Promise<Reply> {
  await db.prisma.journey.updateMany({
    where: { id: row.id, finishedAt: null },
    data: { expiresAt: new Date(view.expiresAtMs) },
  });
  return { status: 200, body: presentFor(row, view) };
}
