import { ApplicationFailure } from '@temporalio/activity';
import type { AuditEvent } from '../domain/audit-events.ts';
import { parsePhone } from '../domain/identity/phone-number.ts';
import type { JourneyKind } from '../domain/journeys.ts';
import type { Language } from '../domain/languages.ts';
import type { Policy } from '../domain/policy.ts';
import type { Database } from '../platform/database.ts';
import { smsMessage } from '../platform/locales.ts';
import type { KeyRing } from '../platform/secrets.ts';
import { type SmsResult, type SmsSender, SmsUnavailable } from '../platform/sms-sender.ts';
import { audit, auditParameters, auditPlaceholders, insertIntoAudit } from '../records/audit.ts';
import { markSmsFailed } from './journeys.ts';
import type { NoticeOrder, ReminderOrder } from './notices.ts';
import { otpDigits } from './one-time-passwords.ts';
import { withTransaction } from './transaction.ts';

export interface SendOtp {
  readonly citizenId: string;
  readonly journeyId: string;
  readonly kind: JourneyKind;
  readonly number: number;
  /** The key under which the code was made. */
  readonly keyId: string;
  /** The validity that the SMS states. */
  readonly minutes: number;
}
export type Sent = { kind: 'sent' | 'refused' };

type SmsDependencies = {
  db: Database;
  ring: KeyRing;
  sms: SmsSender;
  policy: Pick<Policy, 'phoneCountries'>;
};

/** An SMS to be sent: recipient, words and id. Words and phone never leave the activity. */
interface OutgoingSms {
  readonly smsId: string;
  /** Another phone than the citizen's own. */
  readonly to?: string | null;
  readonly words: (language: Language) => string;
  readonly sent: AuditEvent;
  readonly notSent: (failure: string) => AuditEvent;
  readonly citizenId: string;
  readonly journeyId?: string;
  /** Whether the SMS is no longer needed. */
  readonly isStale?: () => Promise<boolean>;
}

/**
 * The activities that send SMS. A retry reads the message's row and sends nothing that the provider has taken. After a
 * crash between sending and writing it sends the same words again, unless the provider has reported the first message
 * (`api/sms/status-callback.ts`). `attempts` counts the calls to the provider.
 */
export const createSmsActivities = (dependencies: SmsDependencies) => ({
  /** Sends the code of a journey. The digits are derived here and never stored. */
  async sendOtp({ citizenId, journeyId, kind, number, keyId, minutes }: SendOtp): Promise<Sent> {
    const code = otpDigits(dependencies.ring, { journeyId, kind, number }, keyId);
    return send(dependencies, {
      smsId: `${journeyId}/${number}`,
      citizenId,
      journeyId,
      isStale: () => isStale(dependencies.db, journeyId, number),
      words: (language) => smsMessage(`otp.${kind}`, language, { code, minutes }),
      sent: { type: 'otp-sent', number },
      notSent: (failure) => ({ type: 'otp-not-sent', number, failure }),
    });
  },

  /** Sends a notice. */
  async sendNotice({ citizenId, notice, noticeId, formerPhoneOfAct }: NoticeOrder): Promise<Sent> {
    const { db } = dependencies;
    const former =
      formerPhoneOfAct &&
      (await db.prisma.registrationAct.findUniqueOrThrow({ where: { id: formerPhoneOfAct } }));
    await insertPending(db, noticeId, citizenId, `notice.${notice}`);
    return send(dependencies, {
      smsId: noticeId,
      citizenId,
      ...(former && { to: former.formerPhone }),
      words: (language) => smsMessage(`notice.${notice}`, language, {}),
      sent: { type: 'notice-sent', notice },
      notSent: (failure) => ({ type: 'notice-not-sent', notice, failure }),
    });
  },

  /** Sends a reminder of the expiry of a password that is still in force. */
  async sendReminder({ noticeId, citizenId, passwordId, days }: ReminderOrder): Promise<Sent> {
    const { db } = dependencies;
    const password = await db.prisma.password.findUnique({ where: { citizenId }, select: { id: true } });
    // The password was replaced or given up since the reminder fell due.
    if (password?.id !== passwordId) return { kind: 'refused' };
    await insertPending(db, noticeId, citizenId, 'reminder');
    return send(dependencies, {
      smsId: noticeId,
      citizenId,
      words: (language) => smsMessage('reminder.password-expires', language, { days }),
      sent: { type: 'reminder-sent', days },
      notSent: (failure) => ({ type: 'notice-not-sent', notice: 'reminder', failure }),
    });
  },
});

export type SmsActivities = ReturnType<typeof createSmsActivities>;

/**
 * Whether a code is void: a later one was prepared, or the journey is finished, while the provider was not reachable. A
 * later code that was prepared and not needed voids nothing.
 */
async function isStale(db: Database, journeyId: string, number: number): Promise<boolean> {
  const later = {
    number: { gt: number },
    OR: [{ failure: null }, { failure: { not: 'not-needed' } }],
  };
  const stale = { id: journeyId, OR: [{ finishedAt: { not: null } }, { texts: { some: later } }] };
  return (await db.prisma.journey.count({ where: stale })) > 0;
}

/** Inserts the row of an SMS that no journey has reserved. Safe to run twice. */
const insertPending = (db: Database, id: string, citizenId: string, purpose: string): Promise<unknown> =>
  db.pool.query({
    name: 'prepare-text',
    text: `INSERT INTO "Text" (id, "citizenId", purpose, delivery) VALUES ($1, $2, $3, 'pending')
      ON CONFLICT DO NOTHING`,
    values: [id, citizenId, purpose],
  });

/** The row of an SMS, with the citizen's phone and language. */
interface PendingSms {
  readonly delivery: string;
  readonly attempts: number;
  readonly providerId: string | null;
  readonly phone: string | null;
  readonly language: Language;
}

/** @throws Error if there is no such row, which is a defect of the code */
async function readSms({ pool }: Database, smsId: string): Promise<PendingSms> {
  const { rows } = await pool.query<PendingSms>({
    name: 'text-to-send',
    text: `
      SELECT text.delivery, text.attempts, text."providerId", citizen.phone, citizen.language
      FROM "Text" text JOIN "Citizen" citizen ON citizen.id = text."citizenId" WHERE text.id = $1`,
    values: [smsId],
  });
  const [row] = rows;
  if (!row) throw new Error('no such SMS');
  return row;
}

async function send(dependencies: SmsDependencies, outgoing: OutgoingSms): Promise<Sent> {
  const { db } = dependencies;
  const { smsId, citizenId, journeyId, sent, notSent } = outgoing;
  const stamp = { id: smsId, citizenId, journeyId };
  const row = await readSms(db, smsId);
  if (row.delivery !== 'pending') {
    if (!row.providerId) return { kind: 'refused' };
    // The provider took it in an earlier attempt, whose audit event may be missing.
    await audit(db.prisma, sent, stamp);
    return { kind: 'sent' };
  }
  const isTooLate = row.attempts > 0 && (await outgoing.isStale?.());
  const result = isTooLate ? refused('not-needed') : await deliver(dependencies, outgoing, row);
  if (result.kind === 'accepted') {
    await db.pool.query(accepted(smsId, result.providerId, auditParameters(sent, stamp)));
    return { kind: 'sent' };
  }
  return withTransaction(db, async (tx): Promise<Sent> => {
    // Not if the provider has meanwhile reported an earlier attempt as sent.
    if (!(await markSmsFailed(tx, smsId, result.failure))) return { kind: 'sent' };
    await audit(tx, notSent(result.failure), stamp);
    return { kind: 'refused' };
  });
}

/** Marks the SMS as taken by the provider, unless it has reported a later state already, and audits it. */
const accepted = (smsId: string, providerId: string, event: readonly unknown[]) => ({
  name: 'text-accepted',
  text: `
    WITH marked AS (
      UPDATE "Text" SET "providerId" = $2, "sentAt" = $3,
        delivery = CASE delivery WHEN 'pending' THEN 'sent' ELSE delivery END
      WHERE id = $1)
    ${insertIntoAudit}
    VALUES (${auditPlaceholders(4)}) ON CONFLICT DO NOTHING`,
  values: [smsId, providerId, new Date(), ...event],
});

const refused = (failure: string): SmsResult => ({ kind: 'refused', failure });

/** Calls the provider, unless the phone may get no SMS. @throws ApplicationFailure SmsUnavailable, to be retried */
async function deliver(
  { db, sms, policy }: SmsDependencies,
  { smsId: id, to: another, words }: OutgoingSms,
  { phone, language }: PendingSms,
): Promise<SmsResult> {
  const to = another === undefined ? phone : another;
  if (!to) return refused('no-phone');
  // The country may have been allowed when the phone was registered.
  if (!parsePhone(to, policy.phoneCountries).ok) return refused('country-not-allowed');
  // Counted before the call: the provider may take the message and its reply be lost.
  await db.pool.query({
    name: 'count-attempt',
    text: 'UPDATE "Text" SET attempts = attempts + 1 WHERE id = $1',
    values: [id],
  });
  try {
    return await sms.send({ id, to, body: words(language) });
  } catch (error) {
    if (!(error instanceof SmsUnavailable)) throw error;
    throw ApplicationFailure.create({
      type: 'SmsUnavailable',
      message: error.failure,
      ...(error.retryAfterMs !== undefined && { nextRetryDelay: error.retryAfterMs }),
    });
  }
}
