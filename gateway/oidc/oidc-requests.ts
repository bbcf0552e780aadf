import type { Request, Response } from 'express';
import type { AdapterPayload, Provider } from 'oidc-provider';
import type { Pool } from 'pg';
import { isAtLeast, levels } from '../../domain/assurance.ts';
import { lengthMs } from '../../domain/durations.ts';
import { type Language, languageFrom } from '../../domain/languages.ts';
import { identificationRequests } from '../../domain/limits.ts';
import { newNonce } from '../../web/http/sealed-box.ts';
import type {
  CompletedIdentification,
  Failure,
  IdentificationRequest,
  IdentificationRequests,
} from '../flow/identification-request.ts';
import type { FindIdentification } from '../flow/identifications.ts';
import { type RelyingParty, viewOf } from '../flow/relying-parties.ts';
import type { RequestBinding } from '../flow/request-binding.ts';
import type { Outcome } from '../flow/request-log.ts';
import { accountIdOf } from './accounts.ts';
import { amrOf, claimsByScope, personalClaims } from './attribute-claims.ts';
import { endInteraction, type InteractionEnd, type NewGrant } from './end-interaction.ts';
import { findInteraction, type Interaction, isRedirectUriRegistered } from './find-interaction.ts';
import { acrOf } from './floor.ts';
import { citizensRealm, type Realm } from './realm.ts';
import type { InteractionDetails } from './request-checks.ts';
import { cookieOf } from './resume-guard.ts';

interface Dependencies {
  readonly db: Pick<Pool, 'query'>;
  readonly provider: () => Provider;
  readonly binding: RequestBinding;
  readonly findIdentification: FindIdentification;
  /** That of citizens, unless it is said. */
  readonly realm?: Realm;
  /** Called once for each request that ends. */
  readonly onEnd: (relyingPartyId: string, outcome: Outcome) => void;
}

/** The provider keeps a request for so long (s) after its end, so that a citizen who is late is led back. */
const gracePeriodSeconds = lengthMs(identificationRequests.gracePeriod) / 1_000;

/** The standard error of each failure ([OIDC-Core] 3.1.2.6, [OIDC-unmet]). */
const errorOf = {
  cancelled: ['access_denied', 'the citizen has cancelled'],
  'level-not-available': ['unmet_authentication_requirements', 'the level asked for was not reached'],
  'timed-out': ['temporarily_unavailable', 'the citizen did not finish in time'],
  unavailable: ['temporarily_unavailable', 'the identification is not available at the moment'],
} as const satisfies Record<Failure, readonly [string, string]>;

/** Requests by OpenID Connect, for the pages. */
export function createOidcRequests({
  db,
  provider,
  binding,
  findIdentification,
  realm = citizensRealm,
  onEnd,
}: Dependencies): IdentificationRequests {
  /**
   * The interaction of this browser, and its party. The provider has put its id into a signed cookie for the path of the pages;
   * the sealed one says that this browser began it.
   */
  async function interactionOf(
    request: Request,
    response: Response,
    id: string,
  ): Promise<{ interaction: Interaction; party: RelyingParty } | undefined> {
    if (cookieOf(provider(), 'interaction', request, response) !== id) return undefined;
    if (!binding.isBound(request, response, id)) return undefined;
    const { interaction, party } = (await findInteraction(db, realm, request, id)) ?? {};
    return interaction && party && isRedirectUriRegistered(interaction, party)
      ? { interaction, party }
      : undefined;
  }

  /** Ends a request, and leads to its page, whether this end or another one counts. One that is over has a page for that. */
  async function end(
    response: Response,
    { id, relyingParty }: IdentificationRequest,
    ended: Pick<InteractionEnd, 'result' | 'outcome' | 'grant'>,
  ): Promise<void> {
    if (await endInteraction(db, { id, prefix: realm.prefix, ...ended }))
      onEnd(relyingParty.id, ended.outcome);
    response.redirect(303, realm.addressOfRequest(id));
  }

  /** What the API has said of an identification: it says so where it makes it, to whoever made it, and else is asked. */
  const readFor = async (relyingPartyId: string, identification: CompletedIdentification) => {
    const { identificationId, relyingParty, subject, level, means, at } = identification;
    return relyingParty === relyingPartyId && subject && at
      ? { subject, level, means, at }
      : findIdentification(identificationId, relyingPartyId);
  };

  const fail: IdentificationRequests['fail'] = async (_request, response, identificationRequest, failure) => {
    const [error, error_description] = errorOf[failure];
    await end(response, identificationRequest, {
      result: { error, error_description },
      outcome: { kind: failure },
    });
  };

  return {
    async find(request, response, id) {
      const found = await interactionOf(request, response, id);
      return found && identificationRequest(id, found.interaction, found.party);
    },
    async succeed(request, response, identificationRequest, identification) {
      const { floor, relyingParty } = identificationRequest;
      const read = await readFor(relyingParty.id, identification);
      if (!read || !isAtLeast(levels, read.level, floor))
        return fail(request, response, identificationRequest, read ? 'level-not-available' : 'timed-out');
      const accountId = accountIdOf({ ...identification, subject: read.subject });
      const grant = await newGrant(provider(), relyingParty, accountId, identification);
      const login = {
        accountId,
        acr: acrOf(read.level),
        amr: amrOf(read.means),
        ts: Math.floor(Date.parse(read.at) / 1_000),
      };
      const { level, means } = read;
      const result = { login, consent: { grantId: grant.id }, select_account: {} };
      const outcome = { kind: 'succeeded', level, means } as const;
      await end(response, identificationRequest, { result, outcome, grant });
    },
    fail,
  };
}

function identificationRequest(
  id: string,
  interaction: Interaction,
  party: RelyingParty,
): IdentificationRequest {
  const { params, prompt, exp, iat } = interaction;
  const returnAddress = String(params['redirect_uri']);
  const { floor } = prompt.details as unknown as InteractionDetails;
  return {
    id,
    protocol: 'oidc',
    relyingParty: viewOf(party, returnAddress),
    floor,
    startedAt: new Date(iat * 1_000),
    expiresAt: new Date((exp - gracePeriodSeconds) * 1_000),
    language: languageOf(params['ui_locales']),
    continueAt: interaction.result ? interaction.returnTo : undefined,
  };
}

/** `ui_locales`: tags, the preferred one first. */
const languageOf = (locales: unknown): Language | undefined =>
  typeof locales === 'string' && locales !== '' ? languageFrom(locales.split(' ').join(',')) : undefined;

/** What the library's types do not name. */
interface StoredModel {
  jti: string;
  getValueAndPayload(): Promise<{ readonly payload: AdapterPayload }>;
}

/**
 * A grant of what the relying party's row permits, whatever it asks for: what it may not have is left out. It ends with the
 * identification, and with it every token.
 */
async function newGrant(
  provider: Provider,
  { id: clientId, attributes }: { id: string; attributes: readonly string[] },
  accountId: string,
  { expiresAt }: CompletedIdentification,
): Promise<NewGrant> {
  const expiresIn = Math.max(1, Math.floor((Date.parse(expiresAt) - Date.now()) / 1_000));
  // A property of every token that the types do not name.
  const lifetime = { expiresIn };
  const grant = new provider.Grant({ accountId, clientId, ...lifetime });
  const scopes = Object.keys(claimsByScope).filter((scope) =>
    // The registration level has no scope of its own.
    (scope === 'nif' ? ['nif', 'registration_level'] : [scope]).some((name) => attributes.includes(name)),
  );
  grant.addOIDCScope(['openid', ...scopes].join(' '));
  grant.addOIDCClaims([...personalClaims]);
  const id = newNonce();
  grant.jti = id;
  const { jti: _id, ...payload } = (await (grant as unknown as StoredModel).getValueAndPayload()).payload;
  return { id, payload, expiresIn };
}
