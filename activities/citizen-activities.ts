import type { AuditEvent, AuditStamp } from '../domain/audit-events.ts';
import type { Database } from '../platform/database.ts';
import type { KeyRing } from '../platform/secrets.ts';
import { audit, auditParameters, auditPlaceholders, insertIntoAudit } from '../records/audit.ts';
import { failSms } from '../records/sms.ts';
import { isUnsubscribed, type Suspend, suspend, type Unsubscribe, unsubscribe } from './account-closure.ts';
import { type RegenerateCode, regenerateCode } from './activation-codes.ts';
import {
  type SavePasswordByCertificate,
  savePasswordByCertificate,
  type UnsubscribeByCertificate,
  unsubscribeByCertificate,
} from './certificate-acts.ts';
import { type RenewIdentification, renewIdentification } from './certified-acts.ts';
import {
  type CloseJourney,
  closeJourney,
  type OpenJourney,
  openJourney,
  type PrepareOtp,
  prepareOtp,
} from './journeys.ts';
import type { AnyReminder, NoticeOrder, NoticeStarter } from './notices.ts';
import { isPasswordBlocked, type SavePassword, savePassword } from './passwords.ts';
import { type ApplyRegistration, applyRegistration } from './registrations.ts';

type JourneyStamp = AuditStamp & { citizenId: string; journeyId: string };
export interface AbandonSms {
  readonly journeyId: string;
  readonly citizenId: string;
  readonly number: number;
  /** A code: `not-needed`, `provider-unavailable`, or what the provider answered, as `status-503`. */
  readonly failure: string;
}

/**
 * The writes of a citizen's workflow in PostgreSQL. They take and return ids, fingerprints and instants only, since both
 * stay in histories. They read no clock: the workflow's decides, and in a test that skips time the two differ. Each is safe to
 * run twice.
 */
export const createCitizenActivities = ({
  db,
  ring,
  notices,
}: {
  db: Database;
  ring: KeyRing;
  notices: NoticeStarter;
}) => ({
  regenerateCode: (regeneration: RegenerateCode) => regenerateCode(db, regeneration),
  applyRegistration: (act: ApplyRegistration) => applyRegistration(db, act),
  renewIdentification: (renewal: RenewIdentification) => renewIdentification(db, renewal),
  openJourney: (journey: OpenJourney) => openJourney(db, ring, journey),
  prepareOtp: (otp: PrepareOtp) => prepareOtp(db, ring, otp),
  isPasswordBlocked: (passwordId: string) => isPasswordBlocked(db, passwordId),
  savePassword: (password: SavePassword) => savePassword(db, password),
  closeJourney: (journey: CloseJourney) => closeJourney(db, journey),
  unsubscribe: (unsubscription: Unsubscribe) => unsubscribe(db, unsubscription),
  savePasswordByCertificate: (password: SavePasswordByCertificate) => savePasswordByCertificate(db, password),
  unsubscribeByCertificate: (unsubscription: UnsubscribeByCertificate) =>
    unsubscribeByCertificate(db, unsubscription),
  isUnsubscribed: (citizenId: string) => isUnsubscribed(db, citizenId),
  suspend: (suspension: Suspend) => suspend(db, suspension),

  /** Starts the workflow that sends a notice. Safe to run twice: the notice's id makes it one workflow. */
  startNotice: (order: NoticeOrder | AnyReminder): Promise<void> => notices.start(order),

  /** Writes an audit event without any other write. Safe to run twice: the stamp's id makes it one row. */
  recordEvent: async (event: AuditEvent, stamp: AuditStamp): Promise<void> => {
    await audit(db.prisma, event, stamp);
  },

  /**
   * Records that the right SMS code was entered: it confirms the phone, unless a registration act has replaced it since
   * the journey began; that of an online registration is confirmed by the act itself. Safe to run twice: the first instant stays.
   */
  confirmPhone: async (stamp: JourneyStamp, confirmedAtMs: number): Promise<void> => {
    await db.pool.query(confirmation(stamp, new Date(confirmedAtMs)));
  },

  /** Marks a code as not sent, unless the provider has taken it. Safe to run twice: the allowance is returned once. */
  abandonSms: async ({ journeyId, citizenId, number, failure }: AbandonSms): Promise<void> => {
    const notSent = () => ({ type: 'otp-not-sent', number, failure }) as const;
    await failSms(db, { smsId: `${journeyId}/${number}`, citizenId, journeyId, notSent }, failure);
  },
});

/** After an outage of days the journey may have been removed: then only the audit event is written. */
const confirmation = (stamp: JourneyStamp, confirmedAt: Date) => ({
  name: 'confirm-phone',
  text: `
    WITH citizen AS MATERIALIZED (SELECT id FROM "Citizen" WHERE id = $3::uuid FOR NO KEY UPDATE),
    -- Always true: it makes PostgreSQL lock the citizen before the journey (records/closures.ts).
    confirmed AS (
      UPDATE "Journey" SET "confirmedAt" = coalesce("confirmedAt", $2)
      WHERE id = $1 AND (SELECT count(*) FROM citizen) >= 0 RETURNING "startedAt", "actId"),
    phone AS (
      UPDATE "Citizen" SET "phoneConfirmedAt" = $2 FROM confirmed
      WHERE id = $3::uuid AND "phoneConfirmedAt" IS NULL AND phone IS NOT NULL AND "registeredAt" <= "startedAt"
        AND confirmed."actId" IS NULL)
    ${insertIntoAudit}
    VALUES (${auditPlaceholders(4)}) ON CONFLICT DO NOTHING`,
  values: [
    stamp.journeyId,
    confirmedAt,
    stamp.citizenId,
    ...auditParameters({ type: 'otp-accepted' }, stamp),
  ],
});

export type CitizenActivities = ReturnType<typeof createCitizenActivities>;
