import type { AuditEvent } from '../domain/audit-events.ts';
import { parsePhone } from '../domain/identity/phone-number.ts';
import type { Language } from '../domain/languages.ts';
import type { Policy } from '../domain/policy.ts';
import { type Database, executeStatement, type Queries } from '../platform/database.ts';
import { type SmsResult, type SmsSender, SmsUnavailable } from '../platform/sms-sender.ts';
import { audit, auditParameters, auditPlaceholders, insertIntoAudit } from './audit.ts';
import { isIdentification } from './identifications.ts';
import { refundAllowance } from './sms-allowance.ts';
import { waitForSmsToken } from './sms-rate.ts';

/** An SMS to be sent: recipient, words and id. Words and phone never leave the process. */
export interface OutgoingSms {
  readonly smsId: string;
  /** Another phone than the citizen's own. */
  readonly to?: string | null;
  /** `relyingParty`: the short name of the one to which the citizen identifies with this code. */
  readonly words: (language: Language, relyingParty: string | null) => string;
  readonly sent: AuditEvent;
  readonly notSent: (failure: string) => AuditEvent;
  readonly citizenId: string;
  readonly journeyId?: string;
  /** A code, for which a citizen waits: notices take what codes leave of the rate. */
  readonly isUrgent?: boolean;
  /** Whether the SMS is no longer needed. */
  readonly isStale?: () => Promise<boolean>;
}

export interface SmsDependencies {
  readonly db: Database;
  readonly sms: SmsSender;
  readonly policy: Pick<Policy, 'phoneCountries' | 'smsPerSecond'>;
}

/** Taken by the provider, or not to be sent. */
export type Submitted = { readonly kind: 'sent' | 'refused' };

/**
 * Submits an SMS to the provider once, and writes what it answered. A second run reads the row of the SMS and sends nothing
 * that the provider has taken. After a crash between sending and writing it sends the same words again, unless the provider
 * has reported the first message (`api/sms/status-callback.ts`). `attempts` counts the calls to the provider.
 * @throws SmsUnavailable, to be repeated
 */
export async function submitSms(dependencies: SmsDependencies, outgoing: OutgoingSms): Promise<Submitted> {
  const { db } = dependencies;
  const { smsId, citizenId, journeyId, sent } = outgoing;
  const stamp = { id: smsId, citizenId, journeyId };
  const row = await readSms(db, smsId);
  if (row.delivery !== 'pending') {
    if (!row.providerId) return { kind: 'refused' };
    // The provider took it in an earlier attempt, whose audit event may be missing.
    await audit(db.prisma, sent, stamp);
    return { kind: 'sent' };
  }
  const isTooLate = row.attempts > 0 && (await outgoing.isStale?.());
  const answer = isTooLate ? refused('not-needed') : await callProvider(dependencies, outgoing, row);
  if (answer.kind === 'refused') return failSms(db, outgoing, answer.failure);
  await db.pool.query(accepted(smsId, answer.providerId, auditParameters(sent, stamp)));
  return { kind: 'sent' };
}

/** Records that an SMS was not sent, unless the provider has meanwhile reported an earlier attempt as sent. */
export const failSms = (
  db: Pick<Database, 'prisma'>,
  { smsId, citizenId, journeyId, notSent }: Omit<OutgoingSms, 'words' | 'sent'>,
  failure: string,
): Promise<Submitted> =>
  db.prisma.$transaction(
    async (tx): Promise<Submitted> => {
      if (!(await markSmsFailed(tx, smsId, failure))) return { kind: 'sent' };
      await audit(tx, notSent(failure), { id: smsId, citizenId, journeyId });
      return { kind: 'refused' };
    },
    // Within the timeout of an activity (`workflows/proxies.ts`).
    { maxWait: 1_000, timeout: 900 },
  );

/**
 * Marks an SMS as not taken by the provider, and returns it to its allowances and to its identification, once. A
 * journey of the workflow counts its own.
 */
async function markSmsFailed(
  tx: Pick<Queries, '$executeRawUnsafe' | 'journey' | 'text' | 'textAllowance'>,
  smsId: string,
  failure: string,
): Promise<boolean> {
  // Locked first, as by every transaction that takes from the allowance.
  await executeStatement(tx, {
    text: `SELECT 1 FROM "Journey" WHERE ${isIdentification}
      AND id = (SELECT "journeyId" FROM "Text" WHERE id = $1) FOR UPDATE`,
    values: [smsId],
  });
  const [row] = await tx.text.updateManyAndReturn({
    where: { id: smsId, delivery: 'pending' },
    data: { delivery: 'failed', failure },
    select: { allowance: true, personAllowance: true, journeyId: true },
  });
  for (const key of [row?.allowance, row?.personAllowance]) if (key) await refundAllowance(tx, key);
  if (row?.journeyId)
    await tx.journey.updateMany({
      where: { id: row.journeyId, proof: { not: null }, otpSends: { gt: 0 } },
      data: { otpSends: { decrement: 1 } },
    });
  return row !== undefined;
}

/** Inserts the row of an SMS that no journey has reserved. Safe to run twice. */
export const insertPendingSms = (
  db: Database,
  id: string,
  citizenId: string,
  purpose: string,
): Promise<unknown> =>
  db.pool.query({
    name: 'prepare-text',
    text: `INSERT INTO "Text" (id, "citizenId", purpose, delivery) VALUES ($1, $2, $3, 'pending')
      ON CONFLICT DO NOTHING`,
    values: [id, citizenId, purpose],
  });

/**
 * Whether a code is void: a later one was prepared, or the journey is finished, while the provider was not reachable. A
 * later code that was prepared and not needed voids nothing.
 */
export async function isOtpStale(
  db: Pick<Database, 'prisma'>,
  journeyId: string,
  number: number,
): Promise<boolean> {
  const later = {
    number: { gt: number },
    OR: [{ failure: null }, { failure: { not: 'not-needed' } }],
  };
  const stale = { id: journeyId, OR: [{ finishedAt: { not: null } }, { texts: { some: later } }] };
  return (await db.prisma.journey.count({ where: stale })) > 0;
}

/** The row of an SMS, with the phone and language of the citizen, or of the act that its journey proves, and the relying party that the code is for. */
interface PendingSms {
  readonly delivery: string;
  readonly attempts: number;
  readonly providerId: string | null;
  readonly phone: string | null;
  readonly language: Language;
  readonly relyingParty: string | null;
}

/** @throws Error if there is no such row, which is a defect of the code */
async function readSms({ pool }: Database, smsId: string): Promise<PendingSms> {
  const { rows } = await pool.query<PendingSms>({
    name: 'text-to-send',
    text: `
      SELECT text.delivery, text.attempts, text."providerId", coalesce(act.phone, citizen.phone) AS phone,
        coalesce(act.language, citizen.language) AS language,
        (SELECT party."shortName" FROM "Journey" journey JOIN "RelyingParty" party ON party.id = journey."relyingPartyId"
          WHERE journey.id = text."journeyId") AS "relyingParty"
      FROM "Text" text LEFT JOIN "Citizen" citizen ON citizen.id = text."citizenId"
      LEFT JOIN "RegistrationAct" act ON act.id = (SELECT "actId" FROM "Journey" WHERE id = text."journeyId")
      WHERE text.id = $1 AND coalesce(act.id, citizen.id) IS NOT NULL`,
    values: [smsId],
  });
  const [row] = rows;
  if (!row) throw new Error('no such SMS');
  return row;
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

/** Calls the provider, unless the phone may get no SMS. @throws SmsUnavailable */
async function callProvider(
  { db, sms, policy }: SmsDependencies,
  { smsId: id, to: another, words, isUrgent = false }: OutgoingSms,
  { phone, language, relyingParty }: PendingSms,
): Promise<SmsResult> {
  const to = another === undefined ? phone : another;
  if (!to) return refused('no-phone');
  // The country may have been allowed when the phone was registered.
  if (!parsePhone(to, policy.phoneCountries).ok) return refused('country-not-allowed');
  if (!(await waitForSmsToken(db, policy.smsPerSecond, isUrgent)))
    throw new SmsUnavailable('rate-limited', 1_000);
  // Counted before the call: the provider may take the message and its answer be lost.
  const counted = await db.pool.query({
    name: 'count-attempt',
    text: `
      UPDATE "Text" sms SET attempts = attempts + 1 WHERE id = $1 AND delivery = 'pending'
        AND NOT EXISTS (SELECT FROM "Journey" journey WHERE journey.id = sms."journeyId" AND ${isIdentification}
          AND (journey."finishedAt" IS NOT NULL OR journey."otpNumber" <> sms.number))`,
    values: [id],
  });
  // Closed by the upkeep, or void, since the row was read or while the SMS waited: an SMS is never sent late.
  if (counted.rowCount === 0) return refused('not-needed');
  return sms.send({ id, to, body: words(language, relyingParty) });
}
