import type { AuditEvent, AuditStamp } from '../domain/audit-events.ts';
import type { Database } from '../platform/database.ts';
import type { KeyRing } from '../platform/secrets.ts';
import { audit, auditParameters, auditPlaceholders, insertIntoAudit } from '../records/audit.ts';
import { type Suspend, suspend, type Unsubscribe, unsubscribe } from './account-closure.ts';
import {
  type CloseJourney,
  closeJourney,
  markSmsFailed,
  type OpenJourney,
  openJourney,
  type PrepareOtp,
  prepareOtp,
} from './journeys.ts';
import type { NoticeOrder, NoticeStarter, ReminderOrder } from './notices.ts';
import { isPasswordBlocked, type SavePassword, savePassword } from './passwords.ts';
import {
  type ApplyRegistration,
  applyRegistration,
  type RegenerateCode,
  regenerateCode,
} from './registrations.ts';
import { type OpenSession, openSession } from './sessions.ts';
import { withTransaction } from './transaction.ts';

type JourneyStamp = AuditStamp & { citizenId: string; journeyId: string };
export interface AbandonSms {
  readonly journeyId: string;
  readonly citizenId: string;
  readonly number: number;
  /** A code: `not-needed`, `provider-unavailable`, or what the provider answered, as `status-503`. */
  readonly failure: string;
}

/**
 * What a citizen's workflow has written in PostgreSQL. They take and return ids, fingerprints and instants, since both
 * ends stay in a history; they read no clock, since under time skipping there are two. Each is safe to run twice.
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
  openJourney: (journey: OpenJourney) => openJourney(db, ring, journey),
  prepareOtp: (otp: PrepareOtp) => prepareOtp(db, ring, otp),
  isPasswordBlocked: (passwordId: string) => isPasswordBlocked(db, passwordId),
  savePassword: (password: SavePassword) => savePassword(db, password),
  closeJourney: (journey: CloseJourney) => closeJourney(db, journey),
  openSession: (session: OpenSession) => openSession(db, session),
  unsubscribe: (leaving: Unsubscribe) => unsubscribe(db, leaving),
  suspend: (suspension: Suspend) => suspend(db, suspension),

  /** Has a notice sent. Safe to run twice: it is started once. */
  startNotice: (order: NoticeOrder | ReminderOrder): Promise<void> => notices.start(order),

  /** One event of the trail that goes with no other write. The stamp's id makes a second run add nothing. */
  recordEvent: async (event: AuditEvent, stamp: AuditStamp): Promise<void> => {
    await audit(db.prisma, event, stamp);
  },

  /**
   * A right SMS code: the phone is the citizen's, unless an act has replaced it since the journey began. A second run
   * changes nothing: the first instant stays.
   */
  confirmPhone: async (stamp: JourneyStamp, confirmedAtMs: number): Promise<void> => {
    await db.pool.query(confirmation(stamp, new Date(confirmedAtMs)));
  },

  /** A code that will not be texted. The allowance is given back once; a text that the provider has taken stays. */
  abandonSms: ({ journeyId, citizenId, number, failure }: AbandonSms): Promise<void> =>
    withTransaction(db, async (tx) => {
      const id = `${journeyId}/${number}`;
      if (await markSmsFailed(tx, id, failure))
        await audit(tx, { type: 'otp-not-sent', number, failure }, { id, citizenId, journeyId });
    }),
});

/** After an outage of days the journey may be over and removed: then there is nothing to confirm any more. */
const confirmation = (stamp: JourneyStamp, confirmedAt: Date) => ({
  name: 'confirm-phone',
  text: `
    WITH confirmed AS (
      UPDATE "Journey" SET "confirmedAt" = coalesce("confirmedAt", $2) WHERE id = $1 RETURNING "startedAt"),
    phone AS (
      UPDATE "Citizen" SET "phoneConfirmedAt" = $2 FROM confirmed
      WHERE id = $3::uuid AND "phoneConfirmedAt" IS NULL AND phone IS NOT NULL AND "registeredAt" <= "startedAt")
    ${insertIntoAudit}
    VALUES (${auditPlaceholders(4)}) ON CONFLICT DO NOTHING`,
  values: [
    ...[stamp.journeyId, confirmedAt, stamp.citizenId],
    ...auditParameters({ type: 'otp-accepted' }, stamp),
  ],
});

export type CitizenActivities = ReturnType<typeof createCitizenActivities>;
