import { allowedPredecessors, deliveryByProviderStatus } from '../../domain/sms-delivery.ts';
import type { Database, Queries } from '../../platform/database.ts';
import { audit } from '../../records/audit.ts';

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
  db: Database,
  { smsId, providerId, status, errorCode }: SmsStatus,
): Promise<void> {
  const delivery = deliveryByProviderStatus.get(status);
  if (!delivery) return;
  const failure = delivery === 'failed' ? `provider-${numericCode(errorCode) ?? status}` : null;
  await db.prisma.$transaction(async (tx) => {
    const identity = smsId === undefined ? { providerId } : { id: smsId };
    const [taken] = await tx.text.updateManyAndReturn({
      where: { ...identity, providerId: null },
      data: { providerId },
    });
    if (taken) await auditTaken(tx, taken);
    const [updated] = await tx.text.updateManyAndReturn({
      where: {
        ...identity,
        delivery: { in: [...allowedPredecessors[delivery]] },
        // An SMS may have been submitted twice: the failure of one submission must not hide the success of the other.
        ...(delivery === 'delivered' ? {} : { providerId }),
      },
      data: { delivery, failure },
    });
    if (!updated || failure === null) return;
    const { id, citizenId, journeyId, purpose } = updated;
    const stamp = { id, citizenId, journeyId: journeyId ?? undefined };
    await audit(tx, { type: 'text-undelivered', purpose, failure }, stamp);
  });
}

/**
 * Audits a code as sent when the status callback is the first to report it: the sending process has not written the
 * provider's answer yet, or died before. The id of the event makes it one.
 */
async function auditTaken(
  tx: Pick<Queries, 'auditEvent'>,
  {
    id,
    citizenId,
    journeyId,
    number,
  }: { id: string; citizenId: string; journeyId: string | null; number: number | null },
): Promise<void> {
  if (journeyId && number !== null)
    await audit(tx, { type: 'otp-sent', number }, { id, citizenId, journeyId });
}

/** The code if it is a number of at most six digits: never words of the provider. */
const numericCode = (errorCode: string | undefined): string | undefined =>
  /^\d{1,6}$/.exec(errorCode ?? '')?.[0];
