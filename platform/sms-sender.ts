import twilio from 'twilio';
import type RequestClient from 'twilio/lib/base/RequestClient.js';
import type { ServiceSettings } from './config.ts';
import { statusCallbackUrl } from './sms-status-callback.ts';
import { withSpan } from './tracing.ts';

/** The provider's response: accepted, or rejected permanently with a code. */
export type SmsResult = { kind: 'accepted'; providerId: string } | { kind: 'refused'; failure: string };

/** A failure that is worth a retry: rate limit, fault, no response. Carries none of the provider's words. */
export class SmsUnavailable extends Error {
  readonly failure: string;
  readonly retryAfterMs: number | undefined;
  constructor(failure: string, retryAfterMs?: number) {
    super(failure);
    this.name = 'SmsUnavailable';
    this.failure = failure;
    this.retryAfterMs = retryAfterMs;
  }
}

/** `id` is our own; delivery reports refer to it. */
export interface SmsMessage {
  readonly id: string;
  readonly to: string;
  readonly body: string;
}

export interface SmsSender {
  /** Submits one SMS to the provider. @throws SmsUnavailable if it may be retried */
  send(sms: SmsMessage): Promise<SmsResult>;
}

type Settings = Pick<
  ServiceSettings,
  | 'TWILIO_ACCOUNT_SID'
  | 'TWILIO_AUTH_TOKEN'
  | 'TWILIO_FROM'
  | 'TWILIO_BASE_URL'
  | 'TWILIO_STATUS_CALLBACK_URL'
>;

/** A sender on Twilio's SDK. TWILIO_BASE_URL redirects it to the local phone: the same code path for both. */
export function createSmsSender(
  settings: Settings,
  { timeoutMs = requestTimeoutMs }: { timeoutMs?: number } = {},
): SmsSender {
  const client = twilio(settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN, {
    httpClient: new RebasedClient(settings.TWILIO_BASE_URL, timeoutMs),
  });
  const sender = /^MG/.test(settings.TWILIO_FROM)
    ? { messagingServiceSid: settings.TWILIO_FROM }
    : { from: settings.TWILIO_FROM };
  const callback = settings.TWILIO_STATUS_CALLBACK_URL;
  return {
    send: ({ id, to, body }) =>
      withSpan({ name: 'SMS', kind: 'client' }, async (span) => {
        const statusCallback = callback && { statusCallback: statusCallbackUrl(callback, id) };
        const result = await client.messages.create({ to, body, ...sender, ...statusCallback }).then(
          ({ sid }): SmsResult => ({ kind: 'accepted', providerId: sid }),
          (error: unknown) => classifyError(error),
        );
        span?.setAttributes({ 'sms.answer': result.kind === 'refused' ? result.failure : result.kind });
        return result;
      }),
  };
}

/**
 * Distinguishes permanent from temporary failures. Status 400 concerns this SMS; any other the provider, the network or our
 * account, and may be resolved. Only the error's numbers are kept, since its message contains the phone number.
 */
function classifyError(error: unknown): SmsResult {
  if (error instanceof SmsUnavailable) throw error;
  const { status, code } = error as { status?: unknown; code?: unknown };
  if (typeof status !== 'number') throw new SmsUnavailable('no-answer');
  if (status !== 400) throw new SmsUnavailable(`status-${status}`);
  return { kind: 'refused', failure: `provider-${typeof code === 'number' ? code : status}` };
}

const requestTimeoutMs = 5_000;

class RebasedClient extends twilio.RequestClient {
  private readonly baseUrl: string | undefined;

  constructor(baseUrl: string | undefined, timeout: number) {
    super({ timeout });
    this.baseUrl = baseUrl;
  }

  /** @throws SmsUnavailable on a response with Retry-After: the SDK's own error drops that header */
  override async request<TData>(options: RequestClient.RequestOptions<TData>) {
    const { pathname, search } = new URL(options.uri);
    const uri = this.baseUrl ? new URL(pathname + search, this.baseUrl).href : options.uri;
    const response = await super.request<TData>({ ...options, uri });
    const { statusCode: status, headers } = response;
    const retryAfterMs = retryDelayMs((headers as Record<string, unknown> | undefined)?.['retry-after']);
    if (status !== 400 && retryAfterMs !== undefined)
      throw new SmsUnavailable(`status-${status}`, retryAfterMs);
    return response;
  }
}

/** Milliseconds of a Retry-After header (seconds or a date, [RFC9110] 10.2.3). Undefined if absent or malformed. */
function retryDelayMs(retryAfter: unknown): number | undefined {
  const text = String(retryAfter ?? '').trim();
  const ms = /^\d+$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}
