import type { RequestHandler, Router } from 'express';
import type { Provider } from 'oidc-provider';
import type { Pool } from 'pg';
import type { Level } from '../../domain/assurance.ts';
import type { SecretKey } from '../../platform/config.ts';
import type { Logger } from '../../platform/log.ts';
import { KeyRing } from '../../platform/secrets.ts';
import type { FlowPages } from '../flow/flow-pages.ts';
import type { IdentificationRequests } from '../flow/identification-request.ts';
import type { FindIdentification } from '../flow/identifications.ts';
import { createRequestBinding } from '../flow/request-binding.ts';
import { endAbandoned, type Outcome } from '../flow/request-log.ts';
import { loadKeys } from '../keys/gateway-keys.ts';
import type { SendLogoutNotice } from '../logout/logout-notices.ts';
import type { GatewayMetrics } from '../monitoring/metrics.ts';
import { removeExpired } from './artefacts.ts';
import { createBackChannelLogout } from './back-channel-logout.ts';
import { createLogout } from './logout.ts';
import { issuerPath, mountProvider } from './mount.ts';
import { createOidcRequests } from './oidc-requests.ts';
import { createProvider } from './provider.ts';
import { citizensRealm } from './realm.ts';
import { createResumeGuard } from './resume-guard.ts';

interface Dependencies {
  /** The public origin of the gateway. */
  readonly origin: string;
  readonly secretKeys: readonly [SecretKey, ...SecretKey[]];
  readonly db: Pick<Pool, 'query'>;
  readonly findIdentification: FindIdentification;
  readonly pages: () => FlowPages;
  readonly metrics: Pick<GatewayMetrics, 'started' | 'ended' | 'errors'>;
  readonly log: Logger;
  readonly now?: () => number;
}

/** OpenID Connect: what the application mounts, and what the pages use. */
export interface OpenIdConnect {
  readonly handlers: readonly (Router | RequestHandler)[];
  readonly requests: IdentificationRequests;
  readonly sendLogoutNotice: SendLogoutNotice;
  /**
   * Takes new keys into use and makes those that are due; removes what has expired; writes which requests were given up. To be
   * done every minute, each of them whatever becomes of the others.
   */
  readonly upkeep: readonly (() => Promise<void>)[];
}

/** Starts OpenID Connect: reads the keys, or makes the first. */
export async function startOpenIdConnect({
  origin,
  secretKeys,
  db,
  pages,
  findIdentification,
  metrics,
  log,
  now = Date.now,
}: Dependencies): Promise<OpenIdConnect> {
  const issuer = `${origin}${issuerPath}`;
  const ring = new KeyRing(secretKeys);
  const binding = createRequestBinding(citizensRealm.requestCookie, secretKeys);
  const onStart = (relying_party: string, floor: Level) =>
    metrics.started.inc({ relying_party, protocol: 'oidc', floor });
  const onError = (relying_party: string, route: string, code: string) =>
    metrics.errors.inc({ relying_party, route, code });
  const onEnd = (relying_party: string, outcome: Outcome) => {
    const { level, means } = outcome.kind === 'succeeded' ? outcome : { level: '', means: '' };
    metrics.ended.inc({ relying_party, protocol: 'oidc', outcome: outcome.kind, level, means });
  };
  let keyIds = '';
  let current: Provider | undefined;
  const loadProvider = async () => {
    const keys = await loadKeys({ db, ring, log }, now());
    const ids = keys.keys.map(({ kid }) => kid).join(' ');
    if (ids === keyIds) return;
    // Requests in progress keep the provider that they began with.
    current = createProvider({
      ...{ issuer, keys, secretKeys, db, findIdentification, binding, pages, log },
      ...{ onStart, onError },
    });
    keyIds = ids;
  };
  await loadProvider();
  const provider = () => {
    if (!current) throw new Error('no provider before the keys are loaded');
    return current;
  };
  return {
    sendLogoutNotice: createBackChannelLogout({
      provider,
      loopbackPermitted: !issuer.startsWith('https:'),
    }),
    handlers: [
      createLogout({ db, provider, pages }),
      createResumeGuard({ db, provider, binding, pages, onError }),
      mountProvider(issuer, provider),
    ],
    requests: createOidcRequests({ db, provider, binding, findIdentification, onEnd }),
    upkeep: [
      loadProvider,
      () => removeExpired(db),
      () => endAbandoned(db, 'oidc', (relyingPartyId) => onEnd(relyingPartyId, { kind: 'timed-out' })),
    ],
  };
}
