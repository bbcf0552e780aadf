import type { Message } from './message-store.ts';
import { segmentsOf } from './segments.ts';

const API_VERSION = '2010-04-01';

/** Where an account's messages are, below the base URL. */
export const messagesPath = (accountSid: string): string => `/${API_VERSION}/Accounts/${accountSid}/Messages`;

const rfc2822 = (ms: number): string => new Date(ms).toUTCString().replace('GMT', '+0000');

/** A message in the JSON of Twilio's Messages API. */
export function messageResource(accountSid: string, message: Message): Record<string, unknown> {
  const service = message.from.startsWith('MG');
  const path = `${messagesPath(accountSid)}/${message.sid}`;
  return {
    account_sid: accountSid,
    api_version: API_VERSION,
    body: message.body,
    date_created: rfc2822(message.createdAtMs),
    date_sent: message.status === 'queued' ? null : rfc2822(message.updatedAtMs),
    date_updated: rfc2822(message.updatedAtMs),
    direction: 'outbound-api',
    error_code: message.errorCode ?? null,
    error_message: null,
    from: service ? null : message.from,
    messaging_service_sid: service ? message.from : null,
    num_media: '0',
    num_segments: String(segmentsOf(message.body)),
    price: null,
    price_unit: null,
    sid: message.sid,
    status: message.status,
    subresource_uris: { media: `${path}/Media.json` },
    to: message.to,
    uri: `${path}.json`,
  };
}

/** One page of messages, newest first as Twilio lists them. `page` counts from 0. */
export function messagePage(
  accountSid: string,
  messages: readonly Message[],
  page: number,
  size: number,
  filter: string,
) {
  const newestFirst = messages.toReversed();
  const shown = newestFirst.slice(page * size, (page + 1) * size);
  const uri = (number: number) => `${messagesPath(accountSid)}.json?${filter}PageSize=${size}&Page=${number}`;
  return {
    messages: shown.map((message) => messageResource(accountSid, message)),
    page,
    page_size: size,
    start: page * size,
    end: page * size + Math.max(0, shown.length - 1),
    uri: uri(page),
    first_page_uri: uri(0),
    previous_page_uri: page > 0 ? uri(page - 1) : null,
    next_page_uri: (page + 1) * size < newestFirst.length ? uri(page + 1) : null,
  };
}
