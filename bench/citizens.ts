import { setTimeout as sleep } from 'node:timers/promises';
import {
  type ActivationData,
  activateOrReset,
  type StartedJourney,
  startActivation,
  startedJourney,
} from '../client/activate.ts';
import { type ApiClient, bearer, createApiClient, expectStatus } from '../client/client.ts';
import { journeyClient } from '../client/journey-client.ts';
import { registerCitizen } from '../client/register-citizen.ts';
import { withRetry } from '../client/retry.ts';
import { checkLetter } from '../domain/identity/national-id.ts';
import { receivedMessages } from '../local/phone/phone-client.ts';
import { otpDigits } from '../platform/one-time-passwords.ts';
import { keepAlive } from './keep-alive.ts';
import type { Service } from './service.ts';

/** The service, the key to register citizens with, and the keys from which SMS codes derive. */
export type Target = Pick<Service, 'url' | 'officeKey' | 'ring'>;

export type Citizen = ActivationData & { readonly phone: string };

export const password = 'Llueve-Poco7';

const clients = new Map<string, ApiClient>();

function apiAt(url: string): ApiClient {
  const api = clients.get(url) ?? createApiClient({ url, transport: keepAlive });
  clients.set(url, api);
  return api;
}

let people = 0;

const nextPerson = () => {
  people += 1;
  const number = String(30_000_000 + people);
  return {
    nationalId: `${number}${checkLetter(number)}`,
    givenName: 'Begoña',
    firstSurname: 'Etxeberria',
    email: `bench.${people}@example.org`,
    phone: `+346${String(20_000_000 + people)}`,
    language: 'es' as const,
  };
};

/** A registration act for a new citizen. */
export const register = (target: Target): Promise<Citizen> => registerThrough(apiAt(target.url), target);

async function registerThrough(api: ApiClient, { officeKey }: Target): Promise<Citizen> {
  const body = nextPerson();
  const registered = registerCitizen(api, { body, headers: bearer(officeKey) });
  const { activationCode } = await expectStatus(201, registered);
  return { ...body, activationCode };
}

export const enterCode = ({ url }: Target, citizen: Citizen): Promise<StartedJourney> =>
  startActivation(apiAt(url), citizen);

export const enterOtp = (target: Target, journey: StartedJourney): Promise<unknown> =>
  expectStatus(200, journeyClient(apiAt(target.url), journey).submitOtp(otpOf(target, journey)));

/**
 * The same once the SMS is in the phone, as a citizen does: a code that is entered before its SMS is sent makes the SMS
 * needless, and the product does not send it.
 */
export async function enterReceivedOtp(
  target: Target & Pick<Service, 'phoneUrl'>,
  { phone: to }: Citizen,
  journey: StartedJourney,
): Promise<unknown> {
  const otp = otpOf(target, journey);
  for (const end = Date.now() + 20_000; ; await sleep(5)) {
    const [newest] = await receivedMessages(target.phoneUrl, { to, last: 1 });
    if (newest?.body.includes(otp)) return enterOtp(target, journey);
    if (Date.now() > end) throw new Error('no SMS code arrived within 20 s');
  }
}

export const choosePassword = ({ url }: Target, journey: StartedJourney): Promise<unknown> =>
  expectStatus(200, journeyClient(apiAt(url), journey).setPassword(password));

/** A sign-in with the password alone, at the API or at the baseline that stands in for it. */
export const signIn = (url: string, { nationalId }: Pick<Citizen, 'nationalId'>): Promise<unknown> =>
  expectStatus(201, apiAt(url).POST('/sessions', { body: { nationalId, password } }));

/** A reinforced sign-in, up to where it waits for its SMS code. */
export async function startSignIn({ url }: Target, { nationalId }: Citizen): Promise<StartedJourney> {
  const body = { nationalId, password, assurance: 'substantial' as const };
  const answer = await expectStatus(201, apiAt(url).POST('/sessions', { body }));
  if (!('journey' in answer)) throw new Error('a reinforced sign-in opened no journey');
  return startedJourney(answer);
}

/** The first SMS code of a journey, derived as the product derives it. The SMS is sent all the same. */
const otpOf = ({ ring }: Target, { id: journeyId, kind }: StartedJourney): string =>
  otpDigits(ring, { journeyId, kind, number: 1 }, ring.currentKeyId);

/** Prepares a citizen who has set a password; not to be measured, as it repeats what a busy machine answers with 503. */
export async function registerActive(target: Target): Promise<Citizen> {
  const api = createApiClient({ url: target.url, transport: withRetry(keepAlive) });
  const citizen = await registerThrough(api, target);
  await activateOrReset(api, citizen, password, async (journey) => otpOf(target, journey));
  return citizen;
}
