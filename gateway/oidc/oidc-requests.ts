import type { Request, Response } from 'express';
import type { Interaction, Provider } from 'oidc-provider';
import type { Pool } from 'pg';
import { isAtLeast, levels } from '../../domain/assurance.ts';
import { lengthMs } from '../../domain/durations.ts';
import { type Language, languageFrom } from '../../domain/languages.ts';
import { identificationRequests } from '../../domain/limits.ts';
import type {
  CompletedIdentification,
  Failure,
  IdentificationRequest,
  IdentificationRequests,
} from '../flow/identification-request.ts';
import type { FindIdentification } from '../flow/identifications.ts';
import { findRelyingParty, type RelyingParty, viewOf } from '../flow/relying-parties.ts';
import type { RequestBinding } from '../flow/request-binding.ts';
import type { Outcome } from '../flow/request-log.ts';
import { accountIdOf } from './accounts.ts';
import { endInteraction } from './artefacts.ts';
import { amrOf, claimsByScope, personalClaims } from './attribute-claims.ts';
import { acrOf } from './floor.ts';
import { citizensRealm, type Realm } from './realm.ts';
import type { InteractionDetails } from './request-checks.ts';
import { cookieOf, isRedirectUriRegistered } from './resume-guard.ts';

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
    const interaction = await provider().Interaction.find(id);
    const party = interaction && (await findRelyingParty(db, interaction.params['client_id']));
    return party && isRedirectUriRegistered(interaction, party) ? { interaction, party } : undefined;
  }

  const end = async ({ id, relyingParty }: IdentificationRequest, result: object, outcome: Outcome) => {
    if (await endInteraction(db, `${realm.prefix}${id}`, result, outcome)) onEnd(relyingParty.id, outcome);
  };

  const fail: IdentificationRequests['fail'] = async (request, response, identificationRequest, failure) => {
    const { id } = identificationRequest;
    const found = await interactionOf(request, response, id);
    if (!found) return void response.redirect(303, realm.addressOfRequest(id));
    const [error, error_description] = errorOf[failure];
    await end(identificationRequest, { error, error_description }, { kind: failure });
    response.redirect(303, realm.addressOfRequest(id));
  };

  return {
    async find(request, response, id) {
      const found = await interactionOf(request, response, id);
      return found && identificationRequest(found.interaction, found.party);
    },
    async succeed(request, response, identificationRequest, identification) {
      const { id, floor, relyingParty } = identificationRequest;
      const found = await interactionOf(request, response, id);
      // Over meanwhile: the pages say so there.
      if (!found) return void response.redirect(303, realm.addressOfRequest(id));
      if (found.interaction.result) return void response.redirect(303, realm.addressOfRequest(id));
      const read = await findIdentification(identification.identificationId, relyingParty.id);
      if (!read || !isAtLeast(levels, read.level, floor))
        return fail(request, response, identificationRequest, read ? 'level-not-available' : 'timed-out');
      const accountId = accountIdOf({ ...identification, subject: read.subject });
      const grantId = await saveGrant(provider(), relyingParty, accountId, identification);
      const login = {
        accountId,
        acr: acrOf(read.level),
        amr: amrOf(read.means),
        ts: Math.floor(Date.parse(read.at) / 1_000),
      };
      const { level, means } = read;
      const result = { login, consent: { grantId }, select_account: {} };
      await end(identificationRequest, result, { kind: 'succeeded', level, means });
      response.redirect(303, realm.addressOfRequest(id));
    },
    fail,
  };
}

function identificationRequest(interaction: Interaction, party: RelyingParty): IdentificationRequest {
  const { params, prompt, exp, iat } = interaction;
  const returnAddress = String(params['redirect_uri']);
  const { floor } = prompt.details as unknown as InteractionDetails;
  return {
    id: interaction.uid,
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

/**
 * A grant of what the relying party's row permits, whatever it asks for: what it may not have is left out. It ends with the
 * identification, and with it every token.
 */
async function saveGrant(
  provider: Provider,
  { id, attributes }: { id: string; attributes: readonly string[] },
  accountId: string,
  { expiresAt }: CompletedIdentification,
): Promise<string> {
  const seconds = Math.floor((Date.parse(expiresAt) - Date.now()) / 1_000);
  // A property of every token that the types do not name.
  const lifetime = { expiresIn: Math.max(1, seconds) };
  const grant = new provider.Grant({ accountId, clientId: id, ...lifetime });
  const scopes = Object.keys(claimsByScope).filter((scope) =>
    // The registration level has no scope of its own.
    (scope === 'nif' ? ['nif', 'registration_level'] : [scope]).some((name) => attributes.includes(name)),
  );
  grant.addOIDCScope(['openid', ...scopes].join(' '));
  grant.addOIDCClaims([...personalClaims]);
  return grant.save();
}
