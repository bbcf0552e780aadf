import express, { type RequestHandler, type Response, Router } from 'express';
import twilio from 'twilio';
import { signedUrl, statusCallbackUrl } from '../../platform/sms-status-callback.ts';
import type { ApiDependencies } from '../http/dependencies.ts';
import { recordSmsStatus } from './record-status.ts';

/**
 * The SMS provider's status callback. It is not part of the HTTP contract: the provider sends a form and reads only the
 * status. A request without a valid signature is refused before any query. Absent without `TWILIO_STATUS_CALLBACK_URL`,
 * since the signature covers that URL.
 */
export function smsStatusCallback({ settings, db }: Pick<ApiDependencies, 'settings' | 'db'>): Router {
  const router = Router({ caseSensitive: true, strict: true });
  const { TWILIO_STATUS_CALLBACK_URL: base, TWILIO_AUTH_TOKEN: token } = settings;
  if (base === undefined) return router;
  const parseForm = express.urlencoded({ extended: false, limit: '16kb', parameterLimit: 50 });
  const endpoint = router.route('/twilio/status');
  // Without a signature the body is not even read.
  const requireSignature: RequestHandler = (request, response, next) =>
    request.get('X-Twilio-Signature') ? next() : void response.status(403).end();
  endpoint.post(requireSignature, parseForm, async (request, response: Response) => {
    const form: Readonly<Record<string, unknown>> = request.body ?? {};
    const smsId = singleValue(request.query['text']);
    // The URL of the settings, not of the request: a proxy may have changed the latter.
    const url = signedUrl(smsId === undefined ? base : statusCallbackUrl(base, smsId));
    if (!twilio.validateRequest(token, request.get('X-Twilio-Signature') ?? '', url, form))
      return void response.status(403).end();
    const { MessageSid, MessageStatus, ErrorCode } = form;
    const [providerId, status, errorCode] = [MessageSid, MessageStatus, ErrorCode].map(singleValue);
    // PostgreSQL stores no NUL.
    if ([smsId, providerId, status, errorCode].some((value) => value?.includes('\0')))
      return void response.status(400).end();
    if (providerId && status) await recordSmsStatus(db, { smsId, providerId, status, errorCode });
    // 204 for an unknown SMS as well: a repeated callback would change nothing.
    response.status(204).end();
  });
  endpoint.all((_request, response) => void response.status(405).set('Allow', 'POST').end());
  return router;
}

/** The value of a parameter that occurs once; repeated ones are arrays. */
const singleValue = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
