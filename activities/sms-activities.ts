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
  /** How long it is good for, as the text says. */
  readonly minutes: number;
}
export type Sent = { kind: 'sent' | 'refused' };

type Texting = { db: Database; ring: KeyRing; sms: SmsSender; policy: Pick<Policy, 'phoneCountries'> };

/** What is said to whom, and under which id: all that sending needs. Words and phone never leave the activity. */
interface OutgoingSms {
  readonly textId: string;
  /** Another phone than the citizen's own. */
  readonly to?: string | null;
  readonly words: (language: Language) => string;
  readonly sent: AuditEvent;
  readonly notSent: (failure: string) => AuditEvent;
  readonly citizenId: string;
  readonly journeyId?: string;
  /** Whether nobody waits for it any more. */
  readonly isStale?: () => Promise<boolean>;
}

/**
 * What goes out by SMS. A retry finds the text's own row and sends nothing that the provider has taken; after a crash
 * between the two it sends the same words once more, unless the provider has told of the first (`api/sms/status-callback.ts`).
 * `attempts` counts how often it was asked.
 */
export const createSmsActivities = (texting: Texting) => ({
  /** Texts the code of a journey. The digits are derived here and nowhere kept. */
  async sendOtp({ citizenId, journeyId, kind, number, keyId, minutes }: SendOtp): Promise<Sent> {
    const code = otpDigits(texting.ring, { journeyId, kind, number }, keyId);
    return send(texting, {
      ...{ textId: `${journeyId}/${number}`, citizenId, journeyId },
      isStale: () => isStale(texting.db, journeyId, number),
      words: (language) => smsMessage(`otp.${kind}`, language, { code, minutes }),
      sent: { type: 'otp-sent', number },
      notSent: (failure) => ({ type: 'otp-not-sent', number, failure }),
    });
  },

  /** Texts a notice. */
  async sendNotice({ citizenId, notice, noticeId, formerPhoneOfAct }: NoticeOrder): Promise<Sent> {
    const { db } = texting;
    const former =
      formerPhoneOfAct &&
      (await db.prisma.registrationAct.findUniqueOrThrow({ where: { id: formerPhoneOfAct } }));
    await prepare(db, noticeId, citizenId, `notice.${notice}`);
    return send(texting, {
      ...{ textId: noticeId, citizenId, ...(former && { to: former.formerPhone }) },
      words: (language) => smsMessage(`notice.${notice}`, language, {}),
      sent: { type: 'notice-sent', notice },
      notSent: (failure) => ({ type: 'notice-not-sent', notice, failure }),
    });
  },

  /** Reminds of the expiry of a password that is still in force. */
  async sendReminder({ noticeId, citizenId, passwordId, days }: ReminderOrder): Promise<Sent> {
    const { db } = texting;
    const password = await db.prisma.password.findUnique({ where: { citizenId }, select: { id: true } });
    // Changed, or given up, since the reminder fell due.
    if (password?.id !== passwordId) return { kind: 'refused' };
    await prepare(db, noticeId, citizenId, 'reminder');
    return send(texting, {
      ...{ textId: noticeId, citizenId },
      words: (language) => smsMessage('reminder.password-expires', language, { days }),
      sent: { type: 'reminder-sent', days },
      notSent: (failure) => ({ type: 'notice-not-sent', notice: 'reminder', failure }),
    });
  },
});

export type SmsActivities = ReturnType<typeof createSmsActivities>;

/**
 * Another was asked for, or the journey is over, while the provider made us wait: the code would come too late, and is
 * void. One that was prepared and not needed has made nothing void.
 */
async function isStale(db: Database, journeyId: string, number: number): Promise<boolean> {
  const later = {
    number: { gt: number },
    OR: [{ failure: null }, { failure: { not: 'not-needed' } }],
  };
  const stale = { id: journeyId, OR: [{ finishedAt: { not: null } }, { texts: { some: later } }] };
  return (await db.prisma.journey.count({ where: stale })) > 0;
}

/** The row of a text that no journey has reserved; a second run finds it. */
const prepare = (db: Database, id: string, citizenId: string, purpose: string): Promise<unknown> =>
  db.pool.query({
    name: 'prepare-text',
    text: `INSERT INTO "Text" (id, "citizenId", purpose, delivery) VALUES ($1, $2, $3, 'pending')
      ON CONFLICT DO NOTHING`,
    values: [id, citizenId, purpose],
  });

/** A text's row, and to whom and in which language it goes. */
interface Addressed {
  readonly delivery: string;
  readonly attempts: number;
  readonly providerId: string | null;
  readonly phone: string | null;
  readonly language: Language;
}

/** @throws Error where there is no such text, as a bug of ours would have it */
async function addressed({ pool }: Database, textId: string): Promise<Addressed> {
  const { rows } = await pool.query<Addressed>({
    name: 'text-to-send',
    text: `
      SELECT text.delivery, text.attempts, text."providerId", citizen.phone, citizen.language
      FROM "Text" text JOIN "Citizen" citizen ON citizen.id = text."citizenId" WHERE text.id = $1`,
    values: [textId],
  });
  const [row] = rows;
  if (!row) throw new Error('no such text');
  return row;
}

async function send(texting: Texting, outgoing: OutgoingSms): Promise<Sent> {
  const { db } = texting;
  const { textId, citizenId, journeyId, sent, notSent } = outgoing;
  const stamp = { id: textId, citizenId, journeyId };
  const row = await addressed(db, textId);
  if (row.delivery !== 'pending') {
    if (!row.providerId) return { kind: 'refused' };
    // Taken by the provider in a try of which we may not have heard: the trail says so once.
    await audit(db.prisma, sent, stamp);
    return { kind: 'sent' };
  }
  const isTooLate = row.attempts > 0 && (await outgoing.isStale?.());
  const answer = isTooLate ? refused('not-needed') : await tell(texting, outgoing, row);
  if (answer.kind === 'accepted') {
    await db.pool.query(accepted(textId, answer.providerId, auditParameters(sent, stamp)));
    return { kind: 'sent' };
  }
  return withTransaction(db, async (tx): Promise<Sent> => {
    // Not if the provider has told meanwhile that an earlier try is on its way.
    if (!(await markSmsFailed(tx, textId, answer.failure))) return { kind: 'sent' };
    await audit(tx, notSent(answer.failure), stamp);
    return { kind: 'refused' };
  });
}

/** The provider has it, unless it has told already what became of it; and the trail says so. */
const accepted = (textId: string, providerId: string, event: readonly unknown[]) => ({
  name: 'text-accepted',
  text: `
    WITH told AS (
      UPDATE "Text" SET "providerId" = $2, "sentAt" = $3,
        delivery = CASE delivery WHEN 'pending' THEN 'sent' ELSE delivery END
      WHERE id = $1)
    ${insertIntoAudit}
    VALUES (${auditPlaceholders(4)}) ON CONFLICT DO NOTHING`,
  values: [textId, providerId, new Date(), ...event],
});

const refused = (failure: string): SmsResult => ({ kind: 'refused', failure });

/** Asks the provider, if there is a reason to: who is told nothing costs no call. @throws ApplicationFailure to be retried */
async function tell(
  { db, sms, policy }: Texting,
  { textId: id, to: another, words }: OutgoingSms,
  { phone, language }: Addressed,
): Promise<SmsResult> {
  const to = another === undefined ? phone : another;
  if (!to) return refused('no-phone');
  // Allowed once, perhaps, when it was registered.
  if (!parsePhone(to, policy.phoneCountries).ok) return refused('country-not-allowed');
  // Counted before it is asked: it may take the text and we never hear of it.
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
