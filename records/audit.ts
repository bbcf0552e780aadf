import type { AuditEvent, AuditStamp } from '../domain/audit-events.ts';
import { type Database, type Queries, withRawTransaction } from '../platform/database.ts';

const toRow = ({ type, ...detail }: AuditEvent, stamp: AuditStamp) => {
  const { id, citizenId = null, journeyId = null, officerId = null, requestId = null } = stamp;
  return { id: `${id}/${type}`, type, detail, citizenId, journeyId, officerId, requestId };
};

/**
 * Adds an event to the audit trail, in the transaction that it describes. Returns false if the trail has an event with
 * this stamp already. `createMany`, since `create` reads the row back and the application's role may only insert.
 */
export async function audit(
  db: Pick<Queries, 'auditEvent'>,
  event: AuditEvent,
  stamp: AuditStamp,
): Promise<boolean> {
  const { count } = await db.auditEvent.createMany({ data: [toRow(event, stamp)], skipDuplicates: true });
  return count > 0;
}

/** For raw SQL: the INSERT to which `auditPlaceholders` and `auditParameters` belong. */
export const insertIntoAudit =
  'INSERT INTO "AuditEvent" (id, type, detail, "citizenId", "journeyId", "officerId", "requestId")';

const parameterTypes = ['', '', '::jsonb', '::uuid', '', '::uuid', '::uuid'];

/** How many parameters one event takes. */
export const auditParameterCount = parameterTypes.length;

/** The placeholders of one event, numbered from `first`. */
export const auditPlaceholders = (first: number): string =>
  parameterTypes.map((type, index) => `$${first + index}${type}`).join(', ');

/** The parameters for these placeholders. */
export function auditParameters(event: AuditEvent, stamp: AuditStamp): unknown[] {
  const { id, type, detail, citizenId, journeyId, officerId, requestId } = toRow(event, stamp);
  return [id, type, JSON.stringify(detail), citizenId, journeyId, officerId, requestId];
}

/** `audit` for raw transactions. Its row count is 0 if the trail has the event already. */
export const auditStatement = (event: AuditEvent, stamp: AuditStamp) => ({
  name: 'audit',
  text: `${insertIntoAudit} VALUES (${auditPlaceholders(1)}) ON CONFLICT DO NOTHING`,
  values: auditParameters(event, stamp),
});

/**
 * Whether the trail has the event with this stamp. The application's role may not read the trail: the event is inserted,
 * unless it is there, and taken back. Waits for a transaction that is about to write it.
 */
export const isAudited = (
  db: Pick<Database, 'pool'>,
  event: AuditEvent,
  stamp: AuditStamp,
): Promise<boolean> =>
  withRawTransaction(
    db,
    {
      name: 'probe-audit',
      text: `
        WITH inserted AS (
          ${insertIntoAudit} VALUES (${auditPlaceholders(1)}) ON CONFLICT DO NOTHING RETURNING 1)
        SELECT 1 FROM inserted`,
      values: auditParameters(event, stamp),
    },
    async (tx, inserted) => {
      await tx.commitWith({ text: 'ROLLBACK TO SAVEPOINT probe' });
      return inserted.length === 0;
    },
    [{ text: 'SAVEPOINT probe' }],
  );
