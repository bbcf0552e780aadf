import { randomUUID } from 'node:crypto';
import type { Provider } from 'oidc-provider';
import type { SendLogoutNotice } from '../logout/logout-notices.ts';
import { postForm } from '../logout/party-endpoint.ts';
import { accountIdOf } from './accounts.ts';

interface Dependencies {
  readonly provider: () => Provider;
  /** Relying parties may be on this machine. */
  readonly loopbackPermitted: boolean;
}

/** Sends a logout token to the endpoint that a relying party has registered ([OIDC-BackChannel] 2.5). */
export const createBackChannelLogout =
  ({ provider, loopbackPermitted }: Dependencies): SendLogoutNotice =>
  async ({ identificationId, relyingPartyId, subject, sid }) => {
    const client = await provider().Client.find(relyingPartyId);
    // It was removed at this moment, or takes no notices.
    if (!client?.backchannelLogoutUri) return { kind: 'not-needed' };
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
