import { setTimeout as sleep } from 'node:timers/promises';
import type { ReceivedMessage } from './inbox-routes.ts';

/**
 * The messages that a local phone in another process has received, oldest first; only those to `to`, and only the `last` of
 * them, if given.
 */
export async function receivedMessages(
  phoneUrl: string,
  { to, last, timeoutMs = 10_000 }: { to?: string; last?: number; timeoutMs?: number } = {},
): Promise<ReceivedMessage[]> {
  const query = new URLSearchParams({ ...(to && { to }), ...(last && { last: String(last) }) });
  const response = await fetch(`${phoneUrl}/messages.json?${query}`, {
    signal: AbortSignal.timeout(timeoutMs),
  });
  const { messages } = (await response.json()) as { messages: ReceivedMessage[] };
  return messages;
}

/** The six digits of a message, undefined if it has none. */
export const otpIn = (body: string): string | undefined => /\b\d{6}\b/.exec(body)?.[0];

/** The digits of the `number`th message with an SMS code to a phone. @throws Error if it does not arrive within 20 s */
export async function waitForOtp(phoneUrl: string, to: string, number = 1): Promise<string> {
  for (const end = Date.now() + 20_000; Date.now() < end; await sleep(100)) {
    const messages = await receivedMessages(phoneUrl, { to });
    const otp = messages.flatMap(({ body }) => otpIn(body) ?? [])[number - 1];
    if (otp) return otp;
  }
  throw new Error('no SMS code arrived within 20 s');
}
