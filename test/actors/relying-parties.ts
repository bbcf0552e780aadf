import { randomBytes } from 'node:crypto';
import type { Level } from '../../domain/assurance.ts';
import { queryAsOwner } from '../database/rows.ts';
import type { HttpReply } from '../environment/http.ts';
import type { Stack } from '../environment/stack.ts';
import { until } from '../environment/waiting.ts';
import type { Citizen } from './citizen.ts';
import { goodPassword } from './credentials.ts';
import { expectStartedJourney, type Journey } from './journey.ts';
import { requestWithRetry } from './request.ts';

type Headers_ = Readonly<Record<string, string>>;

/** A row of the registry, as far as the API reads it. */
export interface TestParty {
  readonly id: string;
  readonly name: Readonly<Record<string, string>>;
  readonly shortName: string;
  readonly sector: string;
  readonly floor: string;
  readonly registrationFloor: string | null;
  readonly means: readonly string[];
  readonly attributes: readonly string[];
}

/** Registers a relying party, as the operator's command does. */
export async function registerParty(
  stack: Pick<Stack, 'database'>,
  overrides: Partial<TestParty> = {},
): Promise<TestParty> {
  const id = `party_${randomBytes(8).toString('hex')}`;
  const party: TestParty = {
    id,
    name: { es: 'Agencia de pruebas', eu: 'Probetarako agentzia' },
    shortName: 'Pruebas',
    sector: id,
    floor: 'low',
    registrationFloor: null,
    means: [],
    attributes: ['nif', 'profile', 'email', 'phone', 'registration_level'],
    ...overrides,
  };
  await queryAsOwner(
    stack,
    `INSERT INTO "RelyingParty" (id, name, "shortName", organisation, "homeUrl", sector, protocol, floor, "registrationFloor", means, attributes)
     VALUES ($1, $2, $3, 'Ministerio de pruebas', 'https://pruebas.example', $4, 'oidc', $5, $6, $7, $8)`,
    [
      ...[party.id, JSON.stringify(party.name), party.shortName, party.sector],
      ...[party.floor, party.registrationFloor, party.means, party.attributes],
    ],
  );
  return party;
}

export const removeParty = (stack: Pick<Stack, 'database'>, { id }: TestParty): Promise<unknown> =>
  queryAsOwner(stack, 'UPDATE "RelyingParty" SET "removedAt" = now() WHERE id = $1', [id]);

/** The headers with which the gateway calls. */
export const asGateway = ({ gatewayKey }: Pick<Stack, 'gatewayKey'>): Headers_ => ({
  'X-Gateway-Key': gatewayKey,
});

/** One attempt to sign in for a relying party, through the gateway. */
export const signInFor = (
  stack: Stack,
  party: Pick<TestParty, 'id'>,
  { data: { nationalId } }: Citizen,
  {
    assurance = 'basic',
    password = goodPassword,
    headers = {},
  }: {
    assurance?: 'basic' | 'substantial';
    password?: string;
    headers?: Headers_;
  } = {},
): Promise<HttpReply> =>
  requestWithRetry(stack, 'POST', '/sessions', {
    body: { nationalId, password, assurance, relyingParty: party.id },
    headers: { ...asGateway(stack), ...headers },
  });

/** Signs in for a relying party by the password alone. @returns the token of the bound session */
export async function boundSession(
  stack: Stack,
  party: Pick<TestParty, 'id'>,
  citizen: Citizen,
): Promise<string> {
  const { body } = await signInFor(stack, party, citizen);
  if (!body.session) throw new Error(`not signed in: ${JSON.stringify(body)}`);
  return body.session.token;
}

/** A sign-in for a relying party that waits for its SMS code. */
export const signInWithSmsFor = (
  stack: Stack,
  party: Pick<TestParty, 'id'>,
  citizen: Citizen,
): Promise<Journey> =>
  expectStartedJourney(stack, signInFor(stack, party, citizen, { assurance: 'substantial' }));

/** Signs in for a relying party with an SMS code. @returns the token of the bound session */
export async function boundSessionWithSms(
  stack: Stack,
  party: Pick<TestParty, 'id'>,
  citizen: Citizen,
): Promise<string> {
  const journey = await signInWithSmsFor(stack, party, citizen);
  const { body } = await journey.enterOtp(await journey.otp());
  return body.journey.session.token;
}

export const identify = (
  stack: Stack,
  party: Pick<TestParty, 'id'>,
  token: string,
  { floor = 'low', headers = {} }: { floor?: Level; headers?: Headers_ } = {},
): Promise<HttpReply> =>
  requestWithRetry(stack, 'POST', '/identifications', {
    body: { relyingParty: party.id, floor },
    token,
    headers: { ...asGateway(stack), ...headers },
  });

/** A whole identification by the password alone. @returns its id */
export async function identified(
  stack: Stack,
  party: Pick<TestParty, 'id'>,
  citizen: Citizen,
): Promise<string> {
  const { body } = await identify(stack, party, await boundSession(stack, party, citizen));
  if (!body.identificationId) throw new Error(`not identified: ${JSON.stringify(body)}`);
  return body.identificationId;
}

export const readIdentification = (
  stack: Stack,
  party: Pick<TestParty, 'id'>,
  id: string,
  headers: Headers_ = asGateway(stack),
): Promise<HttpReply> =>
  requestWithRetry(stack, 'GET', `/identifications/${id}?relyingParty=${party.id}`, { headers });

/** The SMS that the phone has received for a journey, word for word. */
export async function smsOf({ service, id }: Journey, number = 1): Promise<string> {
  const row = await until(
    () => service.db.prisma.text.findUnique({ where: { id: `${id}/${number}` } }),
    (text) => Boolean(text?.providerId),
  );
  return service.phone.messages().find(({ sid }) => sid === row?.providerId)?.body ?? '';
}
