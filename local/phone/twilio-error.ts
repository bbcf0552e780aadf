import type { Response } from 'express';

/** An error as Twilio words it: its own code, and the HTTP status that goes with it. */
export interface TwilioProblem {
  readonly status: number;
  readonly code: number;
  readonly message: string;
}

/** The refusals that the Messages API can give here. Source: Twilio's error dictionary. */
export const refusals = {
  authenticate: { status: 401, code: 20003, message: 'Authenticate' },
  notFound: (path: string) => ({
    status: 404,
    code: 20404,
    message: `The requested resource ${path} was not found`,
  }),
  toMissing: { status: 400, code: 21604, message: "A 'To' phone number is required." },
  toInvalid: (to: string) => ({
    status: 400,
    code: 21211,
    message: `The 'To' number ${to} is not a valid phone number.`,
  }),
  fromMissing: { status: 400, code: 21603, message: "A 'From' phone number is required." },
  fromInvalid: (from: string) => ({
    status: 400,
    code: 21606,
    message: `The 'From' phone number ${from} is not a valid, SMS-capable inbound phone number or short code for your account.`,
  }),
  bodyMissing: { status: 400, code: 21602, message: 'Message body is required.' },
  bodyTooLong: {
    status: 400,
    code: 21617,
    message: 'The concatenated message body exceeds the 1600 character limit',
  },
  callbackInvalid: (url: string) => ({
    status: 400,
    code: 21609,
    message: `The StatusCallback URL ${url} is not a valid URL.`,
  }),
  malformed: { status: 400, code: 20001, message: 'The request could not be read.' },
} as const;

/** Answers with an error in Twilio's JSON. */
export function refuse(response: Response, { status, code, message }: TwilioProblem): void {
  if (status === 401) response.set('WWW-Authenticate', 'Basic realm="Twilio API"');
  response
    .status(status)
    .json({ code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status });
}
