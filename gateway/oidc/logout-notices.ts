import { randomUUID } from 'node:crypto';
import type { RequestHandler } from 'express';
import type { Provider } from 'oidc-provider';
import type { Pool } from 'pg';
import type { Logger } from '../../platform/log.ts';
import { sameSecret } from '../../platform/secrets.ts';
import type { GatewayMetrics } from '../monitoring/metrics.ts';
import { accountIdOf } from './accounts.ts';
import { postForm } from './party-endpoint.ts';

interface Dependencies {
  readonly db: Pick<Pool, 'query'>;
  readonly provider: () => Provider;
  readonly metrics: Pick<GatewayMetrics, 'logoutNotices'>;
  readonly log: Logger;
  /** Relying parties may be on this machine. */
  readonly loopbackPermitted: boolean;
}

/** What became of one attempt, as the worker reads it (`worker/logout-notice-sender.ts`). */
type Delivery =
  | { readonly kind: 'delivered' | 'not-needed' }
  | { readonly kind: 'failed'; readonly failure: string };

/** Sends one notice, once. Undefined: there is no such notice. */
export type DeliverLogoutNotice = (noticeId: string) => Promise<Delivery | undefined>;

interface NoticeRow {
  readonly identificationId: string;
  readonly relyingPartyId: string;
  readonly subject: string | null;
  readonly sid: string | null;
}

/** Tells relying parties that an identification is void: back-channel logout ([OIDC-BackChannel] 2.5; docs/adr/0053). */
export function createDeliverLogoutNotice({
  db,
  provider,
  metrics,
  log,
  loopbackPermitted,
}: Dependencies): DeliverLogoutNotice {
  const attempt = async ({
    identificationId,
    relyingPartyId,
    subject,
    sid,
  }: NoticeRow): Promise<Delivery> => {
    const client = await provider().Client.find(relyingPartyId);
    // It was removed, takes no notices, or no code was redeemed for this identification.
    if (!client?.backchannelLogoutUri || subject === null || sid === null) return { kind: 'not-needed' };
    const token = new (provider().IdToken)({ sub: accountIdOf({ identificationId, subject }) }, { client });
    // Of the claims about the citizen, the subject only.
    Object.assign(token, { mask: { sub: null } });
    token.set('events', { 'http://schemas.openid.net/event/backchannel-logout': {} });
    // Each attempt has its own: a relying party that has refused one may take the next.
    token.set('jti', randomUUID());
    token.set('sid', sid);
    const form = { logout_token: await token.issue({ use: 'logout' }) };
    const answer = await postForm(client.backchannelLogoutUri, form, { loopbackPermitted });
    if ('failure' in answer) return { kind: 'failed', failure: answer.failure };
    // Some frameworks answer 204 in the place of 200 ([OIDC-BackChannel] 2.8).
    return answer.status === 200 || answer.status === 204
      ? { kind: 'delivered' }
      : { kind: 'failed', failure: `status-${answer.status}` };
  };

  return async (noticeId) => {
    const { rows } = await db.query<NoticeRow>({
      name: 'find-logout-notice',
      text: `
        SELECT notice."identificationId", notice."relyingPartyId", known.subject, known.sid
        FROM "LogoutNotice" notice LEFT JOIN "LogoutSubject" known USING ("identificationId")
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
