import twilio from 'twilio';
import type RequestClient from 'twilio/lib/base/RequestClient.js';
import type { ServiceSettings } from './config.ts';
import { statusCallbackUrl } from './sms-status-callback.ts';
import { withSpan } from './tracing.ts';

/** What the provider said to a text: taken on, or refused for good with a code of its own. */
export type SmsResult = { kind: 'accepted'; providerId: string } | { kind: 'refused'; failure: string };

/** The provider did not take the text and may do so later: slow down, fault, no answer. No text of the provider in it. */
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

/** One text: `id` is ours, under which the provider tells how it fares. */
export interface SmsMessage {
  readonly id: string;
  readonly to: string;
  readonly body: string;
}

export interface SmsSender {
  /** Hands one text to the provider. @throws SmsUnavailable if it may be tried again */
  send(text: SmsMessage): Promise<SmsResult>;
}

type Settings = Pick<
  ServiceSettings,
  | 'TWILIO_ACCOUNT_SID'
  | 'TWILIO_AUTH_TOKEN'
  | 'TWILIO_FROM'
  | 'TWILIO_BASE_URL'
  | 'TWILIO_STATUS_CALLBACK_URL'
>;

/** The provider's SDK as it is, sent to another base URL where one is set: one code path for Twilio and the local phone. */
export function createSmsSender(settings: Settings): SmsSender {
  const client = twilio(settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN, {
    httpClient: new RebasedClient(settings.TWILIO_BASE_URL),
  });
  const sender = /^MG/.test(settings.TWILIO_FROM)
    ? { messagingServiceSid: settings.TWILIO_FROM }
    : { from: settings.TWILIO_FROM };
  const callback = settings.TWILIO_STATUS_CALLBACK_URL;
  return {
    send: ({ id, to, body }) =>
      withSpan({ name: 'SMS', kind: 'client' }, async (span) => {
        const statusCallback = callback && { statusCallback: statusCallbackUrl(callback, id) };
        const answer = await client.messages.create({ to, body, ...sender, ...statusCallback }).then(
          ({ sid }): SmsResult => ({ kind: 'accepted', providerId: sid }),
          (error: unknown) => classifyError(error),
        );
        span?.setAttributes({ 'sms.answer': answer.kind === 'refused' ? answer.failure : answer.kind });
        return answer;
      }),
  };
}

/**
 * Refused for good, or worth another try. Of the provider's error only its numbers are kept: its words name the phone.
 * 400 is about this text; anything else is about the provider, the network or our account, and may be mended.
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

  constructor(baseUrl: string | undefined) {
    super({ timeout: requestTimeoutMs });
    this.baseUrl = baseUrl;
  }

  /** @throws SmsUnavailable when told to come again later: the SDK's own error no longer knows when */
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

/** Retry-After (RFC 9110, 10.2.3): seconds or a date. Undefined where there is none, or none that can be read. */
function retryDelayMs(retryAfter: unknown): number | undefined {
  const text = String(retryAfter ?? '').trim();
  const ms = /^\d+$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}
