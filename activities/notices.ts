import type { Notice } from '../domain/journeys.ts';

/** An SMS that notifies a citizen of an event. Its id makes it be sent once. */
export interface NoticeOrder {
  readonly noticeId: string;
  readonly citizenId: string;
  readonly notice: Notice;
  /** The act that replaced the phone: the notice goes to the former phone instead of the one in force. */
  readonly formerPhoneOfAct?: string;
}

/** An SMS that the password expires soon. */
export interface ReminderOrder {
  readonly noticeId: string;
  readonly citizenId: string;
  readonly passwordId: string;
  /** Days until the expiry. */
  readonly days: number;
}

/** An SMS that the identification in person is due again soon. */
export interface IdentificationReminderOrder {
  readonly noticeId: string;
  readonly citizenId: string;
  /** The identification whose five years end. */
  readonly identifiedAtMs: number;
  /** Days until it is due. */
  readonly days: number;
}
export type AnyReminder = ReminderOrder | IdentificationReminderOrder;

/** Hands a notice to a workflow of its own. */
export interface NoticeStarter {
  /** Safe to call twice: the notice's id is the workflow's. */
  start(order: NoticeOrder | AnyReminder): Promise<void>;
}
