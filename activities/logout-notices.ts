import { ApplicationFailure } from '@temporalio/activity';
import type { AuditEvent } from '../domain/audit-events.ts';
import type { Database } from '../platform/database.ts';
import { audit } from '../records/audit.ts';
import { withTransaction } from './transaction.ts';

/** What became of one attempt. `not-needed`: the relying party takes no notices, or has never learned a session id. */
export type LogoutDelivery =
  | { readonly kind: 'delivered' }
  | { readonly kind: 'not-needed' }
  /** `failure`: a code, such as `status-503`. */
  | { readonly kind: 'failed'; readonly failure: string };

/** Has the gateway sign and send a notice of logout. */
export interface LogoutNoticeSender {
  /** Never throws: what fails is an outcome. */
  send(noticeId: string): Promise<LogoutDelivery>;
}

/**
 * The delivery of notices of logout to relying parties. Activities get the id of a notice and nothing else: the subject and
 * the session id are read by the gateway only.
 */
export const createLogoutNoticeActivities = ({
  db,
  sender,
}: {
  db: Database;
  sender: LogoutNoticeSender;
}) => ({
  /**
   * Sends one notice once. Idempotent: a notice whose delivery is recorded is not sent again. A relying party gets it
   * twice if the worker dies between the delivery and its record.
   * @throws ApplicationFailure LogoutNotDelivered, to be retried
   */
  async deliverLogoutNotice(noticeId: string): Promise<void> {
    if ((await db.prisma.logoutNotice.count({ where: { id: noticeId, ...open } })) === 0) return;
    const delivery = await sender.send(noticeId);
    if (delivery.kind === 'failed')
      throw ApplicationFailure.create({ type: 'LogoutNotDelivered', message: delivery.failure });
    await finish(db, noticeId, { deliveredAt: new Date() }, (relyingParty) =>
      delivery.kind === 'delivered' ? { type: 'logout-notice-sent', relyingParty } : undefined,
    );
  },

  /** Records that no attempt succeeded. Safe to run twice: the first end stays. */
  giveUpLogoutNotice: (noticeId: string, failure: string): Promise<void> =>
    finish(db, noticeId, { failedAt: new Date() }, (relyingParty) => ({
      ...{ type: 'logout-notice-not-sent', relyingParty, failure },
    })),
});

export type LogoutNoticeActivities = ReturnType<typeof createLogoutNoticeActivities>;

const open = { deliveredAt: null, failedAt: null } as const;

/** Ends a notice, once, with its event in the trail of the citizen whom it is about. */
const finish = (
  db: Database,
  id: string,
  data: { deliveredAt: Date } | { failedAt: Date },
  eventFor: (relyingParty: string) => AuditEvent | undefined,
): Promise<void> =>
  withTransaction(db, async (tx) => {
    const { count } = await tx.logoutNotice.updateMany({ where: { id, ...open }, data });
    const notice = count > 0 && (await tx.logoutNotice.findUnique({ where: { id } }));
    const event = notice && eventFor(notice.relyingPartyId);
    if (!event) return;
    const identification = await tx.identification.findUnique({ where: { id: notice.identificationId } });
    await audit(tx, event, { id: `logout-notice/${id}`, citizenId: identification?.citizenId ?? undefined });
  });
