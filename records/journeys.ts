import type { JourneyKind, JourneyOutcome } from '../domain/journeys.ts';
import type { Queries } from '../platform/database.ts';
import { audit } from './audit.ts';

/** The end of a journey without success. */
export interface JourneyEnd {
  readonly journeyId: string;
  readonly citizenId: string;
  readonly kind: JourneyKind;
  readonly outcome: JourneyOutcome;
  /** The id of the message that ended it, if one did. */
  readonly finishedBy?: string | null | undefined;
  readonly requestId?: string | undefined;
  readonly at: Date;
}

/** Ends a journey without success, discards its staged password and audits it. A finished journey keeps its outcome. */
export async function endJourney(
  tx: Pick<Queries, 'auditEvent' | 'journey' | 'stagedPassword'>,
  { journeyId, citizenId, kind, outcome, finishedBy = null, requestId, at }: JourneyEnd,
): Promise<void> {
  await tx.journey.updateMany({
    where: { id: journeyId, finishedAt: null },
    data: { finishedAt: at, outcome, finishedBy },
  });
  await tx.stagedPassword.deleteMany({ where: { journeyId } });
  const stamp = { id: journeyId, citizenId, journeyId, requestId };
  await audit(tx, { type: 'journey-finished', kind, outcome }, stamp);
}
