import type { AuditEvent, AuditStamp } from '../domain/audit-events.ts';
import type { Queries } from '../platform/database.ts';

const toRow = ({ type, ...detail }: AuditEvent, stamp: AuditStamp) => {
  const { id, citizenId = null, journeyId = null, officerId = null, requestId = null } = stamp;
  return { id: `${id}/${type}`, type, detail, citizenId, journeyId, officerId, requestId };
};

/**
 * Adds one event to the trail, in the transaction that it describes. A second run with the same stamp adds nothing, and
 * is told so: false.
 * `createMany`, since `create` would read the row back and the application's role may only insert.
 */
export async function audit(
  db: Pick<Queries, 'auditEvent'>,
  event: AuditEvent,
  stamp: AuditStamp,
): Promise<boolean> {
  const { count } = await db.auditEvent.createMany({ data: [toRow(event, stamp)], skipDuplicates: true });
  return count > 0;
}

/** Where a statement by hand adds an event: its columns, for `auditPlaceholders` and `auditParameters`. */
export const insertIntoAudit =
  'INSERT INTO "AuditEvent" (id, type, detail, "citizenId", "journeyId", "officerId", "requestId")';

/** The parameters of one event's row, the first of which has this number. */
export const auditPlaceholders = (first: number): string =>
  ['', '', '::jsonb', '::uuid', '', '::uuid', '::uuid']
    .map((type, index) => `$${first + index}${type}`)
    .join(', ');

/** What goes with them. */
export function auditParameters(event: AuditEvent, stamp: AuditStamp): unknown[] {
  const { id, type, detail, citizenId, journeyId, officerId, requestId } = toRow(event, stamp);
  return [id, type, detail, citizenId, journeyId, officerId, requestId];
}

/** The same as `audit` for the bare pool. Its count of rows is 0 for a second run. */
export const auditStatement = (event: AuditEvent, stamp: AuditStamp) => ({
  name: 'audit',
  text: `${insertIntoAudit} VALUES (${auditPlaceholders(1)}) ON CONFLICT DO NOTHING`,
  values: auditParameters(event, stamp),
});
