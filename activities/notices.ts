import type { Notice } from '../domain/journeys.ts';

/** A text that tells a citizen what has happened: what to say, and the id under which it is said once. */
export interface NoticeOrder {
  readonly noticeId: string;
  readonly citizenId: string;
  readonly notice: Notice;
  /** Tell the phone that this act replaced, instead of the one in force. */
  readonly formerPhoneOfAct?: string;
}

/** A text that the password expires soon. */
export interface ReminderOrder {
  readonly noticeId: string;
  readonly citizenId: string;
  readonly passwordId: string;
  /** Until it expires. */
  readonly days: number;
}

/** Hands a notice to a workflow of its own. */
export interface NoticeStarter {
  /** Safe to call twice: the notice's id is the workflow's. */
  start(order: NoticeOrder | ReminderOrder): Promise<void>;
}
