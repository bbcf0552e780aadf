import express, { type RequestHandler, type Response, Router } from 'express';
import twilio from 'twilio';
import { allowedPredecessors, deliveryByProviderStatus } from '../../domain/sms-delivery.ts';
import type { Database } from '../../platform/database.ts';
import { signedUrl, statusCallbackUrl } from '../../platform/sms-status-callback.ts';
import { audit } from '../../records/audit.ts';
import type { ApiDependencies } from '../http/dependencies.ts';

/** What the provider tells of a text. Of all that it sends, nothing else is read: it names the phone and the words. */
export interface SmsStatus {
  /** Our id of the text; undefined where the callback is set up in the provider's console. */
  readonly smsId: string | undefined;
  readonly providerId: string;
  /** In the provider's words. */
  readonly status: string;
  /** The provider's number for what went wrong. */
  readonly errorCode: string | undefined;
}

/**
 * Where the provider tells how texts fare, outside of the contract: it is the provider's form, and its answer is a
 * status alone. Who can't sign as the provider does is refused before anything is looked up. Not there without
 * `TWILIO_STATUS_CALLBACK_URL`: what is told where can't be checked then.
 */
export function smsStatusCallback({ settings, db }: Pick<ApiDependencies, 'settings' | 'db'>): Router {
  const router = Router();
  const { TWILIO_STATUS_CALLBACK_URL: base, TWILIO_AUTH_TOKEN: token } = settings;
  if (base === undefined) return router;
  const form = express.urlencoded({ extended: false, limit: '16kb', parameterLimit: 50 });
  const at = router.route('/twilio/status');
  // Unsigned, it is not even read.
  const signed: RequestHandler = (request, response, next) =>
    request.get('X-Twilio-Signature') ? next() : void response.status(403).end();
  at.post(signed, form, async (request, response: Response) => {
    const body: Readonly<Record<string, unknown>> = request.body ?? {};
    const textId = singleValue(request.query['text']);
    // The address of the settings, not the one that was asked for: a proxy may have changed that.
    const url = signedUrl(textId === undefined ? base : statusCallbackUrl(base, textId));
    if (!twilio.validateRequest(token, request.get('X-Twilio-Signature') ?? '', url, body))
      return void response.status(403).end();
    const { MessageSid, MessageStatus, ErrorCode } = body;
    const [providerId, status] = [singleValue(MessageSid), singleValue(MessageStatus)];
    if (providerId && status)
      await recordSmsStatus(db, { smsId: textId, providerId, status, errorCode: singleValue(ErrorCode) });
    // The same for a text that we don't know: telling it again would change nothing.
    response.status(204).end();
  });
  at.all((_request, response) => void response.status(405).set('Allow', 'POST').end());
  return router;
}

/** A parameter that is there once. */
const singleValue = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/**
 * Writes down how a text fares. The workflow is not told: what it decides does not depend on it, and the code that was
 * sent stays good (docs/adr/0019). Safe to run twice, and in any order (`comesAfter`).
 */
export async function recordSmsStatus(
  db: Database,
  { smsId: textId, providerId, status, errorCode }: SmsStatus,
): Promise<void> {
  const delivery = deliveryByProviderStatus.get(status);
  if (!delivery) return;
  const failure = delivery === 'failed' ? `provider-${numericCode(errorCode) ?? status}` : null;
  await db.prisma.$transaction(async (tx) => {
    const which = textId === undefined ? { providerId } : { id: textId };
    await tx.text.updateMany({ where: { ...which, providerId: null }, data: { providerId } });
    const [text] = await tx.text.updateManyAndReturn({
      where: {
        ...which,
        delivery: { in: [...allowedPredecessors[delivery]] },
        // Of a text that went out twice, the one that did not arrive takes nothing from the other.
        ...(delivery === 'delivered' ? {} : { providerId }),
      },
      data: { delivery, failure },
    });
    if (!text || failure === null) return;
    const { id, citizenId, journeyId, purpose } = text;
    const stamp = { id, citizenId, journeyId: journeyId ?? undefined };
    await audit(tx, { type: 'text-undelivered', purpose, failure }, stamp);
  });
}

/** A number, and nothing that could be words. */
const numericCode = (errorCode: string | undefined): string | undefined =>
  /^\d{1,6}$/.exec(errorCode ?? '')?.[0];
