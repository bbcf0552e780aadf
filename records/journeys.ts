import type { JourneyKind, JourneyOutcome } from '../domain/journeys.ts';
import type { Queries } from '../platform/database.ts';
import { audit } from './audit.ts';

/** How a journey finishes. */
export interface JourneyFinish {
  readonly journeyId: string;
  readonly citizenId: string;
  readonly kind: JourneyKind;
  readonly outcome: JourneyOutcome;
  /** The id of the message that finished it, if one did. */
  readonly finishedBy?: string | undefined;
  readonly requestId?: string | undefined;
  readonly at: Date;
}

/** Completes a journey and audits it, in the transaction of its effect. `passwordExpiresAt`: of the password it has set. */
export async function completeJourney(
  tx: Pick<Queries, 'auditEvent' | 'journey'>,
  finish: JourneyFinish & { readonly passwordExpiresAt?: Date },
): Promise<void> {
  const { journeyId: id, outcome, finishedBy = null, at, passwordExpiresAt = null } = finish;
  await tx.journey.update({
    where: { id },
    data: { finishedAt: at, outcome, finishedBy, passwordExpiresAt },
  });
  await auditFinish(tx, finish);
}

/** Ends a journey without success, discards its staged password and audits it. A finished journey keeps its outcome. */
export async function endJourney(
  tx: Pick<Queries, 'auditEvent' | 'journey' | 'stagedPassword'>,
  finish: JourneyFinish,
): Promise<void> {
  const { journeyId, outcome, finishedBy = null, at } = finish;
  await tx.journey.updateMany({
    where: { id: journeyId, finishedAt: null },
    data: { finishedAt: at, outcome, finishedBy },
  });
  await tx.stagedPassword.deleteMany({ where: { journeyId } });
  await auditFinish(tx, finish);
}

const auditFinish = (
  tx: Pick<Queries, 'auditEvent'>,
  { journeyId, citizenId, kind, outcome, requestId }: JourneyFinish,
): Promise<boolean> =>
  audit(tx, { type: 'journey-finished', kind, outcome }, { id: journeyId, citizenId, journeyId, requestId });
