import type { HttpReply } from '../environment/http.ts';
import type { Stack } from '../environment/stack.ts';
import type { Citizen } from './citizen.ts';
import { goodPassword, wrongPassword } from './credentials.ts';
import { expectStartedJourney, type Journey } from './journey.ts';
import { requestWithRetry } from './request.ts';

interface SignInOptions {
  readonly assurance?: 'basic' | 'substantial' | undefined;
  /** The token of a browser. */
  readonly browser?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One attempt to sign in. */
export const signIn = (
  at: Pick<Stack, 'url'>,
  { data: { nationalId } }: { data: { nationalId: string } },
  password = goodPassword,
  { assurance, browser, headers = {} }: SignInOptions = {},
): Promise<HttpReply> =>
  requestWithRetry(at, 'POST', '/sessions', {
    body: {
      nationalId,
      password,
      ...(assurance && { assurance }),
      ...(browser !== undefined && { browser }),
    },
    headers,
  });

/** Signs in. @returns the session's token. @throws Error if it is refused */
export async function newSession(stack: Stack, citizen: Citizen, password = goodPassword): Promise<string> {
  const reply = await signIn(stack, citizen, password);
  if (reply.status !== 201) throw new Error(`not signed in: ${JSON.stringify(reply.body)}`);
  return reply.body.session.token;
}

/** A sign-in at level substantial that waits for its SMS code. */
export const signInSubstantial = (
  stack: Stack,
  citizen: Citizen,
  password = goodPassword,
): Promise<Journey> =>
  expectStartedJourney(stack, signIn(stack, citizen, password, { assurance: 'substantial' }));

export const currentSession = (at: Pick<Stack, 'url'>, token: string): Promise<HttpReply> =>
  requestWithRetry(at, 'GET', '/sessions/current', { token });

/** A page of the activity; `query` as in the address. */
export const activity = (at: Pick<Stack, 'url'>, token: string, query = ''): Promise<HttpReply> =>
  requestWithRetry(at, 'GET', `/activity${query}`, { token });

/** «It was not me». */
export const reportUnrecognisedActivity = (
  at: Pick<Stack, 'url'>,
  token: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<HttpReply> => requestWithRetry(at, 'POST', '/sessions/not-me', { body: {}, token, headers });

export const changePassword = (
  at: Pick<Stack, 'url'>,
  token: string,
  currentPassword: string,
  newPassword: string,
): Promise<HttpReply> =>
  requestWithRetry(at, 'POST', '/password-changes', { body: { currentPassword, newPassword }, token });

export const unsubscribe = (at: Pick<Stack, 'url'>, token: string): Promise<HttpReply> =>
  requestWithRetry(at, 'POST', '/unsubscriptions', { body: {}, token });

/** Fails six times in a row, which blocks the password. */
export async function blockPassword(at: Pick<Stack, 'url'>, citizen: Citizen): Promise<void> {
  for (let failure = 0; failure < 6; failure += 1) await signIn(at, citizen, wrongPassword);
}

/** How many SMS messages with these words the citizen's phone has received. */
export const countSmsMessages = (citizen: Citizen, words: string): number =>
  citizen.smsMessages().filter((text) => text.includes(words)).length;
