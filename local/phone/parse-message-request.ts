import type { MessageRequest } from './message-store.ts';
import { refusals, type TwilioProblem } from './twilio-error.ts';

const NUMBER = /^\+[1-9]\d{6,14}$/;
const SENDER = /^(\+[1-9]\d{6,14}|\d{3,8}|(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11})$/;
const SERVICE = /^MG[0-9a-fA-F]{32}$/;

const text = (form: Record<string, unknown>, name: string): string | undefined => {
  const value = form[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
};

/** Checks a form as Twilio's Messages API does, in its order. @returns the order, or the refusal. */
export function parseMessageRequest(form: Record<string, unknown>): MessageRequest | TwilioProblem {
  const to = text(form, 'To');
  const service = text(form, 'MessagingServiceSid');
  const from = text(form, 'From') ?? service;
  const body = text(form, 'Body');
  const statusCallback = text(form, 'StatusCallback');
  if (!to) return refusals.toMissing;
  if (!NUMBER.test(to)) return refusals.toInvalid(to);
  if (!from) return refusals.fromMissing;
  if (!(from === service ? SERVICE : SENDER).test(from)) return refusals.fromInvalid(from);
  if (!body) return refusals.bodyMissing;
  if (body.length > 1600) return refusals.bodyTooLong;
  if (statusCallback && !/^https?:\/\/[^/]/.test(statusCallback))
    return refusals.callbackInvalid(statusCallback);
  return { to, from, body, statusCallback };
}
