import { after, before, type IsoDuration } from '../durations.ts';

/** How an identity is proved in person: before an officer, or with the card of the national police. No other certificate does. */
export const strongIdentificationMeans = ['office', 'dnie'] as const;
export type StrongIdentificationMeans = (typeof strongIdentificationMeans)[number];

/** How long such a proof is good, and how long before its end the reminder is sent: `identity` of the policy file. */
export interface IdentificationPeriods {
  readonly renewal: IsoDuration;
  readonly reminder: IsoDuration;
}

/** The proof of an identity in person, as the workflow keeps it. */
export interface StrongIdentification {
  readonly atMs: number;
  readonly by: StrongIdentificationMeans;
  /** When it is due again. Absent: the message that brought it had no periods, as those of earlier releases. */
  readonly dueAtMs?: number;
  /** When the one reminder is sent. Absent: it was sent, or is not to be. */
  readonly reminderAtMs?: number;
}

/** The identification with its clock; without periods it has none. A reminder whose instant is past is not sent. */
export function strongIdentification(
  { atMs, by }: Pick<StrongIdentification, 'atMs' | 'by'>,
  periods: IdentificationPeriods | undefined,
  nowMs: number,
): StrongIdentification {
  if (!periods) return { atMs, by };
  const dueAtMs = after(atMs, periods.renewal);
  const reminderAtMs = before(dueAtMs, periods.reminder);
  return { atMs, by, dueAtMs, ...(reminderAtMs > nowMs && { reminderAtMs }) };
}
