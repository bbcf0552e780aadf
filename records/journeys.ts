import type { QueryConfig } from 'pg';
import type { AuditEvent, AuditStamp } from '../domain/audit-events.ts';
import type { JourneyKind, JourneyOutcome } from '../domain/journeys.ts';
import type { Queries } from '../platform/database.ts';
import { audit, auditParameters, auditPlaceholders, insertIntoAudit } from './audit.ts';

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
export function completeJourney(finish: JourneyFinish & { readonly passwordExpiresAt?: Date }): QueryConfig {
  const { journeyId, outcome, finishedBy = null, at, passwordExpiresAt = null } = finish;
  const [event, stamp] = finishEvent(finish);
  return {
    name: 'complete-journey',
    text: `
      WITH completed AS (
        UPDATE "Journey" SET "finishedAt" = $2::timestamptz, outcome = $3, "finishedBy" = $4,
          "passwordExpiresAt" = $5::timestamptz
        WHERE id = $1 RETURNING 1)
      ${insertIntoAudit}
      SELECT ${auditPlaceholders(6)} FROM completed ON CONFLICT DO NOTHING`,
    values: [journeyId, at, outcome, finishedBy, passwordExpiresAt, ...auditParameters(event, stamp)],
  };
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
  await audit(tx, ...finishEvent(finish));
}

const finishEvent = ({
  journeyId,
  citizenId,
  kind,
  outcome,
  requestId,
}: JourneyFinish): [AuditEvent, AuditStamp] => [
  { type: 'journey-finished', kind, outcome },
  { id: journeyId, citizenId, journeyId, requestId },
];
