import type { RequestHandler } from 'express';
import type { Pool } from 'pg';
import type { Logger } from '../../platform/log.ts';
import { sameSecret } from '../../platform/secrets.ts';
import type { Protocol } from '../flow/identification-request.ts';
import type { GatewayMetrics } from '../monitoring/metrics.ts';
import type { LogoutSubject } from './logout-subjects.ts';

/** What became of one attempt, as the worker reads it (`worker/logout-notice-sender.ts`). */
export type Delivery =
  | { readonly kind: 'delivered' | 'not-needed' }
  | { readonly kind: 'failed'; readonly failure: string };

/** Tells a relying party once, by its protocol, that an identification is void. */
export type SendLogoutNotice = (subject: LogoutSubject) => Promise<Delivery>;

/** Sends one notice, once. Undefined: there is no such notice. */
export type DeliverLogoutNotice = (noticeId: string) => Promise<Delivery | undefined>;

interface Dependencies {
  readonly db: Pick<Pool, 'query'>;
  /** By protocol. A relying party of another one is told nothing. */
  readonly send: Readonly<Partial<Record<Protocol, SendLogoutNotice>>>;
  readonly metrics: Pick<GatewayMetrics, 'logoutNotices'>;
  readonly log: Logger;
}

/** A notice, with the protocol of its relying party and its subject: null if the party was removed, or was told nothing. */
interface NoticeRow {
  readonly identificationId: string;
  readonly relyingPartyId: string;
  readonly protocol: Protocol | null;
  readonly subject: string | null;
  readonly sid: string | null;
}

/** Delivers notices of logout, whatever the protocol of their relying parties (docs/adr/0053). */
export function createDeliverLogoutNotice({ db, send, metrics, log }: Dependencies): DeliverLogoutNotice {
  const attempt = async ({
    protocol,
    subject,
    sid,
    identificationId,
    relyingPartyId,
  }: NoticeRow): Promise<Delivery> => {
    const sendByProtocol = protocol === null ? undefined : send[protocol];
    if (!sendByProtocol || subject === null || sid === null) return { kind: 'not-needed' };
    return sendByProtocol({ identificationId, relyingPartyId, subject, sid });
  };

  return async (noticeId) => {
    const { rows } = await db.query<NoticeRow>({
      name: 'find-logout-notice',
      text: `
        SELECT notice."identificationId", notice."relyingPartyId", party.protocol, known.subject, known.sid
        FROM "LogoutNotice" notice LEFT JOIN "LogoutSubject" known USING ("identificationId")
        LEFT JOIN "RelyingParty" party ON party.id = notice."relyingPartyId" AND party."removedAt" IS NULL
        WHERE notice.id = $1::uuid`,
      values: [noticeId],
    });
    const [row] = rows;
    if (!row) return undefined;
    const delivery = await attempt(row);
    const { relyingPartyId: relying_party } = row;
    metrics.logoutNotices.inc({ relying_party, outcome: delivery.kind });
    if (delivery.kind === 'failed')
      log.warn(
        { notice: noticeId, relyingParty: relying_party, failure: delivery.failure },
        'a notice of logout was not taken',
      );
    return delivery;
  };
}

const idShape = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The route by which a worker has a notice delivered. Without the gateway's key there is no such address. */
export const deliverLogoutNoticeOnRequest =
  (gatewayKey: string, deliver: DeliverLogoutNotice): RequestHandler =>
  async (request, response, next) => {
    if (!sameSecret(request.get('x-gateway-key') ?? '', gatewayKey)) return next();
    const noticeId = String(request.params['noticeId']);
    const delivery = idShape.test(noticeId) ? await deliver(noticeId) : undefined;
    response.set('Cache-Control', 'no-store');
    if (delivery) response.json(delivery);
    else response.status(404).json({});
  };
