import { allowedPredecessors, deliveryByProviderStatus } from '../../domain/sms-delivery.ts';
import type { Database } from '../../platform/database.ts';
import { insertIntoAudit } from '../../records/audit.ts';

/** What is read of the provider's callback. The rest, which holds phone number and text, is ignored. */
export interface SmsStatus {
  /** Our id of the SMS; undefined if the callback was set up in the provider's console. */
  readonly smsId: string | undefined;
  readonly providerId: string;
  /** The provider's term. [Twilio-SMS] */
  readonly status: string;
  /** The provider's numeric error code. */
  readonly errorCode: string | undefined;
}

/**
 * Records the delivery of an SMS. The workflow is not notified, since none of its decisions depends on it: the code that
 * was sent stays valid (docs/adr/0019). Idempotent, and independent of the order of callbacks (`allowedPredecessors`).
 */
export async function recordSmsStatus(
  db: Pick<Database, 'pool'>,
  { smsId, providerId, status, errorCode }: SmsStatus,
): Promise<void> {
  const delivery = deliveryByProviderStatus.get(status);
  if (!delivery) return;
  const failure = delivery === 'failed' ? `provider-${numericCode(errorCode) ?? status}` : null;
  await db.pool.query({
    name: 'record-sms-status',
    text: recordStatus,
    values: [smsId ?? null, providerId, delivery, failure, allowedPredecessors[delivery]],
  });
}

/**
 * Whether the delivery of `text` may be replaced. An SMS may have been submitted twice: the failure of one submission must
 * not hide the success of the other.
 */
const isReplaced = `(
  text.delivery = ANY ($5::text[]) AND ($3 = 'delivered' OR coalesce(text."providerId", $2) = $2))`;

/**
 * Locks and writes the row only if the callback changes it; most report a state that is known. A code whose first report is
 * this one is audited as sent: the sending process has not written the provider's answer yet, or died before. The id of
 * the event makes it one.
 */
const recordStatus = `
  WITH due AS (
    SELECT id, "providerId" IS NULL AS "isFirst", ${isReplaced} AS "isReplaced" FROM "Text" text
    WHERE id = coalesce($1, (SELECT id FROM "Text" WHERE "providerId" = $2))
      AND ("providerId" IS NULL OR ${isReplaced})
    FOR NO KEY UPDATE),
  changed AS (
    UPDATE "Text" text SET
      "providerId" = coalesce("providerId", $2),
      delivery = CASE WHEN "isReplaced" THEN $3 ELSE delivery END,
      failure = CASE WHEN "isReplaced" THEN $4 ELSE failure END
    FROM due WHERE text.id = due.id
    RETURNING text.id, "citizenId", "journeyId", number, purpose, failure, "isFirst", "isReplaced"),
  event AS (
    SELECT changed.*, 'otp-sent' AS type, jsonb_build_object('number', number) AS detail
    FROM changed WHERE "isFirst" AND "journeyId" IS NOT NULL AND number IS NOT NULL
    UNION ALL
    SELECT changed.*, 'text-undelivered', jsonb_build_object('purpose', purpose, 'failure', failure)
    FROM changed WHERE "isReplaced" AND failure IS NOT NULL)
  ${insertIntoAudit}
  SELECT id || '/' || type, type, detail, "citizenId", "journeyId", NULL, NULL FROM event
  ON CONFLICT DO NOTHING`;

/** The code if it is a number of at most six digits: never words of the provider. */
const numericCode = (errorCode: string | undefined): string | undefined =>
  /^\d{1,6}$/.exec(errorCode ?? '')?.[0];
