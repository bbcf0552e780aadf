import { setTimeout as sleep } from 'node:timers/promises';
import twilio from 'twilio';
import type { Fault } from './faults.ts';
import type { Message, MessageStatus } from './message-store.ts';

/** The Twilio account: requests authenticate with it, and callbacks are signed with it. */
export interface Account {
  readonly accountSid: string;
  readonly authToken: string;
}

async function callBack(
  { accountSid, authToken }: Account,
  message: Message,
  stop: AbortSignal,
): Promise<void> {
  // The fragment is an instruction to Twilio about the connection: neither signed nor sent.
  const url = message.statusCallback?.replace(/#.*$/, '');
  if (!url) return;
  const parameters: Record<string, string> = {
    AccountSid: accountSid,
    ApiVersion: '2010-04-01',
    From: message.from,
    MessageSid: message.sid,
    MessageStatus: message.status,
    SmsSid: message.sid,
    SmsStatus: message.status,
    To: message.to,
    ...(message.errorCode === undefined ? {} : { ErrorCode: String(message.errorCode) }),
  };
  const signature = twilio.getExpectedTwilioSignature(authToken, url, parameters);
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'X-Twilio-Signature': signature },
    body: new URLSearchParams(parameters),
    signal: AbortSignal.any([stop, AbortSignal.timeout(5_000)]),
  });
  await response.body?.cancel();
}

/**
 * Simulates the delivery of a message: sent, then delivered, or the status of the fault (`failed` was never sent). Each
 * step is reported to the status callback, if any. A callback that fails is not repeated, as with Twilio.
 */
export async function deliver(
  account: Account,
  message: Message,
  fault: Fault | undefined,
  stop: AbortSignal,
): Promise<void> {
  const end = fault?.delivery ?? 'delivered';
  const steps: MessageStatus[] = end === 'failed' ? [end] : ['sent', end];
  for (const status of steps) {
    await sleep(50, undefined, { signal: stop });
    message.status = status;
    message.updatedAtMs = Date.now();
    if (status !== 'sent' && fault?.delivery) message.errorCode = fault.code ?? 30_003;
    if (!fault?.silent) await callBack(account, message, stop).catch(() => undefined);
  }
}
