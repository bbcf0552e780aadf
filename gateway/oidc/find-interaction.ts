import type { IncomingMessage } from 'node:http';
import type { Provider } from 'oidc-provider';
import type { Pool } from 'pg';
import { findRelyingParty, type RelyingParty } from '../flow/relying-parties.ts';
import { readsOf } from '../flow/request-reads.ts';
import { findArtefact } from './artefact-rows.ts';
import type { Realm } from './realm.ts';

/** What is kept of a request of a relying party, as the provider has stored it. */
export type Interaction = Pick<
  InstanceType<Provider['Interaction']>,
  'params' | 'prompt' | 'returnTo' | 'exp' | 'iat' | 'result'
>;

/** An interaction, and its party: undefined if it is removed. */
export interface FoundInteraction {
  readonly interaction: Interaction;
  readonly party: RelyingParty | undefined;
}

/** As the provider's: clocks differ by so much (s). */
export const clockTolerance = 15;

const keyOf = (id: string, { prefix }: Realm) => ({ kind: 'Interaction', id, prefix });

/** Reads an interaction that has not expired, once for an HTTP request. */
export async function findInteraction(
  db: Pick<Pool, 'query'>,
  realm: Realm,
  request: IncomingMessage,
  id: string,
): Promise<FoundInteraction | undefined> {
  const reads = readsOf(request);
  const interaction = (await findArtefact(db, keyOf(id, realm), reads)) as Interaction | undefined;
  if (!interaction || interaction.exp <= Math.floor(Date.now() / 1_000) - clockTolerance) return undefined;
  return { interaction, party: await findRelyingParty(db, interaction.params['client_id'], reads) };
}

/** Whether a request may still lead back: its address is one of those that the registry has at this moment. */
export const isRedirectUriRegistered = ({ params }: Interaction, party: RelyingParty): boolean =>
  party.oidc?.redirectUris.includes(String(params['redirect_uri'])) ?? false;
