import { ApplicationFailure } from '@temporalio/activity';
import type { WorkflowJourneyKind } from '../domain/journeys.ts';
import { smsMessage } from '../platform/locales.ts';
import { otpDigits } from '../platform/one-time-passwords.ts';
import type { KeyRing } from '../platform/secrets.ts';
import { SmsUnavailable } from '../platform/sms-sender.ts';
import {
  insertPendingSms,
  isOtpStale,
  type OutgoingSms,
  type SmsDependencies,
  type Submitted,
  submitSms,
} from '../records/sms.ts';
import type { AnyReminder, NoticeOrder } from './notices.ts';

export interface SendOtp {
  readonly citizenId: string;
  readonly journeyId: string;
  readonly kind: WorkflowJourneyKind;
  readonly number: number;
  /** The key under which the code was made. */
  readonly keyId: string;
  /** The validity that the SMS states. */
  readonly minutes: number;
}
type Dependencies = SmsDependencies & { ring: KeyRing };

/** The activities that send SMS. A retry sends nothing that the provider has taken (`records/sms.ts`). */
export const createSmsActivities = (dependencies: Dependencies) => ({
  /** Sends the code of a journey. The digits are derived here and never stored. */
  async sendOtp({ citizenId, journeyId, kind, number, keyId, minutes }: SendOtp): Promise<Submitted> {
    const code = otpDigits(dependencies.ring, { journeyId, kind, number }, keyId);
    return submit(dependencies, {
      smsId: `${journeyId}/${number}`,
      citizenId,
      journeyId,
      isStale: () => isOtpStale(dependencies.db, journeyId, number),
      isUrgent: true,
      words: (language) => smsMessage(`otp.${kind}`, language, { code, minutes }),
      sent: { type: 'otp-sent', number },
      notSent: (failure) => ({ type: 'otp-not-sent', number, failure }),
    });
  },

  /** Sends a notice. */
  async sendNotice({ citizenId, notice, noticeId, formerPhoneOfAct }: NoticeOrder): Promise<Submitted> {
    const { db } = dependencies;
    const former =
      formerPhoneOfAct &&
      (await db.prisma.registrationAct.findUniqueOrThrow({ where: { id: formerPhoneOfAct } }));
    await insertPendingSms(db, noticeId, citizenId, `notice.${notice}`);
    return submit(dependencies, {
      smsId: noticeId,
      citizenId,
      ...(former && { to: former.formerPhone }),
      words: (language) => smsMessage(`notice.${notice}`, language, {}),
      sent: { type: 'notice-sent', notice },
      notSent: (failure) => ({ type: 'notice-not-sent', notice, failure }),
    });
  },

  /** Sends a reminder of the expiry of a password that is still in force, or of an identification that is still the last. */
  async sendReminder(order: AnyReminder): Promise<Submitted> {
    const { noticeId, citizenId, days } = order;
    const { db } = dependencies;
    if (!(await isStillDue(dependencies, order))) return { kind: 'refused' };
    await insertPendingSms(db, noticeId, citizenId, 'reminder');
    return submit(dependencies, {
      smsId: noticeId,
      citizenId,
      words: (language) => smsMessage(reminderKey(order), language, { days }),
      sent: { type: 'reminder-sent', days },
      notSent: (failure) => ({ type: 'notice-not-sent', notice: 'reminder', failure }),
    });
  },
});

export type SmsActivities = ReturnType<typeof createSmsActivities>;

const reminderKey = (order: AnyReminder) =>
  'passwordId' in order ? 'reminder.password-expires' : 'reminder.identification-due';

/** Not if the password was replaced or given up, or the identity proved again, since the reminder fell due. */
async function isStillDue(
  { db: { prisma } }: Pick<Dependencies, 'db'>,
  order: AnyReminder,
): Promise<boolean> {
  const { citizenId } = order;
  if ('passwordId' in order)
    return (await prisma.password.count({ where: { citizenId, id: order.passwordId } })) > 0;
  const strongIdentifiedAt = new Date(order.identifiedAtMs);
  return (await prisma.citizen.count({ where: { id: citizenId, strongIdentifiedAt } })) > 0;
}

/** @throws ApplicationFailure SmsUnavailable, to be retried */
async function submit(dependencies: Dependencies, outgoing: OutgoingSms): Promise<Submitted> {
  try {
    return await submitSms(dependencies, outgoing);
  } catch (error) {
    if (!(error instanceof SmsUnavailable)) throw error;
    throw ApplicationFailure.create({
      type: 'SmsUnavailable',
      message: error.failure,
      ...(error.retryAfterMs !== undefined && { nextRetryDelay: error.retryAfterMs }),
    });
  }
}
