import { cancellationSignal, heartbeat } from '@temporalio/activity';
import { identificationsListed } from '../domain/activity.ts';
import { before } from '../domain/durations.ts';
import { certificateVisits } from '../domain/limits.ts';
import type { Policy } from '../domain/policy.ts';
import type { Database } from '../platform/database.ts';
import { endExpiredIdentifications } from '../records/identifications.ts';
import { destroyExpired, type RetentionFunction } from '../records/retention.ts';
import { failSms } from '../records/sms.ts';

/** What is due in one table: its key, a condition on an instant, and that instant for a policy. */
interface Due {
  readonly table: string;
  readonly key: readonly string[];
  readonly where: string;
  readonly since: (nowMs: number, policy: Policy) => Date | number;
}

const now = (nowMs: number): Date => new Date(nowMs);
const asLongAs =
  (kept: (policy: Policy) => string) =>
  (nowMs: number, policy: Policy): Date =>
    new Date(before(nowMs, kept(policy)));

/**
 * All that accumulates and may go, and when. `$1` is the instant. What the audit trail holds is not here: the
 * application's role cannot remove it, only ask functions of the database to.
 */
const due = {
  /** Counts against an address whose period is over. */
  removeLimiterRows: {
    table: 'limiter_row',
    key: ['key'],
    where: 'expire <= $1',
    since: (nowMs) => nowMs,
  },
  /** Ids on which an address failed to sign in. */
  removeFailedIds: { table: 'FailedId', key: ['address', 'id'], where: '"endsAt" <= $1', since: now },
  removeTextAllowances: { table: 'TextAllowance', key: ['key'], where: '"endsAt" <= $1', since: now },
  removeDecoys: {
    table: 'DecoyCode',
    key: ['bucket'],
    where: '"updatedAt" < $1',
    since: asLongAs(({ upkeep }) => upkeep.decoys),
  },
  /** Sealed answers. Who repeats later begins anew, whether the row is still there or not. */
  removeAnswers: {
    table: 'IdempotentRequest',
    key: ['keyDigest'],
    where: '"createdAt" < $1',
    since: asLongAs(({ idempotency }) => idempotency.kept),
  },
  /** Receipts of acts, with the activation code: an hour. */
  removeActReceipts: { table: 'ActReceipt', key: ['id'], where: '"expiresAt" <= $1', since: now },
  removeSessions: {
    table: 'Session',
    key: ['id'],
    where: '"endsAt" < $1',
    since: asLongAs(({ upkeep }) => upkeep.sessions),
  },
  /** Nothing refers to one that is over. */
  removeDeskSessions: { table: 'DeskSession', key: ['id'], where: '"endsAt" < $1', since: now },
  /** Those whose journey has not been written as over may still be taken, after an outage however long. */
  removeStagedPasswords: {
    table: 'StagedPassword',
    key: ['id'],
    where: `"createdAt" < $1 AND NOT EXISTS
      (SELECT FROM "Journey" WHERE "Journey".id = "journeyId" AND "finishedAt" IS NULL)`,
    since: asLongAs(({ upkeep }) => upkeep.staged),
  },
  /** Personal data of a registration that was refused or given up. One online is under way as long as its journey. */
  removeActsNotApplied: {
    table: 'RegistrationAct',
    key: ['id'],
    where: `"appliedAt" IS NULL AND "declaredAt" < $1 AND NOT EXISTS
      (SELECT FROM "Journey" WHERE "actId" = "RegistrationAct".id AND "finishedAt" IS NULL)`,
    since: asLongAs(({ upkeep }) => upkeep.staged),
  },
  /** Evidence of an act that was refused or given up. */
  removeStagedEvidence: {
    table: 'StagedEvidence',
    key: ['actId'],
    where: `"stagedAt" < $1 AND NOT EXISTS
      (SELECT FROM "Journey" WHERE "Journey"."actId" = "StagedEvidence"."actId" AND "finishedAt" IS NULL)`,
    since: asLongAs(({ upkeep }) => upkeep.staged),
  },
  removeTexts: {
    table: 'Text',
    key: ['id'],
    where: '"createdAt" < $1',
    since: asLongAs(({ upkeep }) => upkeep.texts),
  },
  /** What «Mi Cl@ve» lists. */
  removeIdentifications: {
    table: 'Identification',
    key: ['id'],
    where: 'at < $1',
    since: asLongAs(() => identificationsListed),
  },
  /** Sent or given up long before. */
  removeLogoutNotices: {
    table: 'LogoutNotice',
    key: ['id'],
    where: '"createdAt" < $1',
    since: asLongAs(({ upkeep }) => upkeep.texts),
  },
  /** Visits to the certificate listener, a day after their last use. */
  removeCertificateTickets: {
    table: 'CertificateTicket',
    key: ['id'],
    where: '"expiresAt" < $1',
    since: asLongAs(({ upkeep }) => upkeep.sessions),
  },
  /** Accepted certificates: a session that rests on one has ended by then, and the evidence of an act is kept with the act. */
  removeCertificateIdentifications: {
    table: 'CertificateIdentification',
    key: ['id'],
    where: 'at < $1',
    since: (nowMs, { upkeep }) => {
      const { code, token } = certificateVisits;
      return new Date(before(before(before(nowMs, upkeep.sessions), token), code));
    },
  },
  /** Finished journeys, once their tokens have expired and no retry of the request that started them can arrive. */
  removeJourneys: {
    table: 'Journey',
    key: ['id'],
    where: '"finishedAt" < $1',
    since: (nowMs, { finishedJourney, idempotency }) =>
      new Date(before(before(nowMs, finishedJourney.readable), idempotency.kept)),
  },
} as const satisfies Record<string, Due>;

/** Functions that run as the owner, with an instant of their own: a thousand rows at a time. */
const functions = {
  destroyDueAudit: 'destroy_due_audit',
  destroyUnneededRequests: 'destroy_unneeded_requests',
  destroyDueIdentificationRequests: 'destroy_due_identification_requests',
} as const;

/** Ends expired identifications, and marks as failed the SMS codes of an API process that died. No request does so. */
const endings = {
  endExpiredIdentifications: (db: Database, nowMs: number, batch: number) =>
    db.pool.query(endExpiredIdentifications, [new Date(nowMs), batch]).then(({ rowCount }) => rowCount ?? 0),
  failUnsentOtps,
} as const;

export type UpkeepTask = keyof typeof due | keyof typeof functions | keyof typeof endings;
export type UpkeepActivities = Readonly<Record<UpkeepTask, (nowMs: number) => Promise<number>>>;

/** All of them, in the order in which they are done: the events before what only they refer to. */
export const upkeepTasks = [
  ...Object.keys(endings),
  ...Object.keys(due),
  ...Object.keys(functions),
] as readonly UpkeepTask[];

/**
 * Removal of what is due, an activity a table. Safe to run twice, also at the same time: what one has locked the other
 * leaves alone, and what is gone is not due.
 */
export function createUpkeepActivities({ db, policy }: { db: Database; policy: Policy }): UpkeepActivities {
  const { batch } = policy.upkeep;
  const removing =
    ({ table, key, where, since }: Due) =>
    (nowMs: number): Promise<number> => {
      const columns = key.map((name) => `"${name}"`).join(', ');
      return untilShort(batch, async () => {
        // Chosen once: as a subquery of the deletion it might be asked again for each row.
        const sql = `WITH due AS MATERIALIZED
            (SELECT ${columns} FROM "${table}" WHERE ${where} LIMIT $2 FOR UPDATE SKIP LOCKED)
          DELETE FROM "${table}" WHERE (${columns}) IN (SELECT ${columns} FROM due)`;
        return (await db.pool.query(sql, [since(nowMs, policy), batch])).rowCount ?? 0;
      });
    };
  const destroying = (name: RetentionFunction) => (): Promise<number> =>
    untilShort(1, () => destroyExpired(db.pool, name));
  const ending = (end: (typeof endings)[keyof typeof endings]) => (nowMs: number) =>
    untilShort(batch, () => end(db, nowMs, batch));
  const made = [
    ...Object.entries(endings).map(([name, end]) => [name, ending(end)] as const),
    ...Object.entries(due).map(([name, what]) => [name, removing(what)] as const),
    ...Object.entries(functions).map(([name, of]) => [name, destroying(of)] as const),
  ];
  return Object.fromEntries(made) as UpkeepActivities;
}

/** A process sends a code within ten seconds of its row (`api/identification/otp-sms-queue.ts`): after a minute it has died. */
const unsentAfter = 'PT1M';

async function failUnsentOtps(db: Database, nowMs: number, batch: number): Promise<number> {
  const unsent = await db.prisma.text.findMany({
    where: {
      delivery: 'pending',
      createdAt: { lt: new Date(before(nowMs, unsentAfter)) },
      journey: { proof: { not: null } },
    },
    select: { id: true, citizenId: true, journeyId: true, number: true },
    take: batch,
  });
  for (const { id, citizenId, journeyId, number } of unsent)
    await failSms(
      db,
      {
        smsId: id,
        citizenId,
        ...(journeyId && { journeyId }),
        notSent: (failure) => ({ type: 'otp-not-sent', number: number ?? 1, failure }),
      },
      'process-died',
    );
  return unsent.length;
}

/** Batch after batch, until one is not full. A worker that is asked to stop leaves the rest to another. */
async function untilShort(full: number, removeBatch: () => Promise<number>): Promise<number> {
  let removed = 0;
  for (;;) {
    const count = await removeBatch();
    removed += count;
    heartbeat(removed);
    if (count < full) return removed;
    cancellationSignal().throwIfAborted();
  }
}
