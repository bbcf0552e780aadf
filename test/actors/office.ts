import type { HttpReply } from '../environment/http.ts';
import type { Stack } from '../environment/stack.ts';
import { requestWithRetry } from './request.ts';

type Office = Pick<Stack, 'url' | 'officeKey'>;
type Subject = { readonly data: { readonly nationalId: string } };

/** An officer suspends a citizen. */
export const suspend = (office: Office, citizen: Subject): Promise<HttpReply> =>
  post(office, '/suspensions', citizen, { reason: 'a lost phone' });

/** An officer issues a new activation code. */
export const regenerateActivationCode = (office: Office, citizen: Subject): Promise<HttpReply> =>
  post(office, '/activation-codes', citizen);

/** Opens a session at the desk. @returns its token */
export const newDeskSession = async (office: Office): Promise<string> =>
  (await requestWithRetry(office, 'POST', '/desk-sessions', { body: {}, token: office.officeKey })).body
    .token;

/** An officer looks a citizen up. */
export const lookUp = (office: Office, citizen: Subject): Promise<HttpReply> =>
  post(office, '/citizen-lookups', citizen);

const post = (
  office: Office,
  path: string,
  { data: { nationalId } }: Subject,
  details: Readonly<Record<string, string>> = {},
): Promise<HttpReply> =>
  requestWithRetry(office, 'POST', path, { body: { nationalId, ...details }, token: office.officeKey });
