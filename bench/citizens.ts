import { otpDigits } from '../activities/one-time-passwords.ts';
import { checkLetter } from '../domain/identity/national-id.ts';
import type { JourneyKind } from '../domain/journeys.ts';
import { expectCall } from './load.ts';
import type { Service } from './service.ts';

/** Where the service is, the key to register citizens with, and the keys from which SMS codes derive. */
export type Where = Pick<Service, 'url' | 'officeKey' | 'ring'>;

/** Somebody with all that is known of them. */
export interface Citizen {
  readonly nationalId: string;
  readonly email: string;
  readonly phone: string;
  readonly activationCode: string;
}

export const password = 'Llueve-Poco7';

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
    language: 'es',
  };
};

const api = ({ url }: Pick<Where, 'url'>, path: string): string => `${url}/api/v1${path}`;

/** A registration act for somebody new. */
export async function register(where: Where): Promise<Citizen> {
  const data = nextPerson();
  const { activationCode } = await expectCall(201, api(where, '/registrations'), {
    body: data,
    token: where.officeKey,
  });
  return { ...data, activationCode };
}

/** A journey under way. */
export interface Visit {
  readonly id: string;
  readonly kind: JourneyKind;
  readonly token: string;
}

const visitOf = ({
  journey,
  token,
}: {
  journey: { id: string; kind: JourneyKind };
  token: string;
}): Visit => ({
  id: journey.id,
  kind: journey.kind,
  token,
});

export async function enterCode(
  where: Where,
  { nationalId, email, activationCode }: Citizen,
): Promise<Visit> {
  return visitOf(
    await expectCall(201, api(where, '/activations'), { body: { nationalId, email, activationCode } }),
  );
}

export const enterOtp = (where: Where, visit: Visit): Promise<unknown> =>
  expectCall(200, api(where, `/journeys/${visit.id}/otp`), {
    body: { otp: codeOf(where, visit) },
    token: visit.token,
  });

export const choosePassword = (where: Where, { id, token }: Visit): Promise<unknown> =>
  expectCall(200, api(where, `/journeys/${id}/password`), { body: { password }, token });

export const signIn = (url: string, { nationalId }: Pick<Citizen, 'nationalId'>): Promise<unknown> =>
  expectCall(201, `${url}/api/v1/sessions`, { body: { nationalId, password } });

/** A reinforced sign-in, up to where it waits for its SMS code. */
export async function beginSignIn(where: Where, { nationalId }: Citizen): Promise<Visit> {
  const body = { nationalId, password, assurance: 'substantial' };
  return visitOf(await expectCall(201, api(where, '/sessions'), { body }));
}

/**
 * The first SMS code of a visit, derived as the product derives it: a citizen who has the phone in the hand and types in
 * no time. The text goes out all the same.
 */
export const codeOf = ({ ring }: Where, { id: visitId, kind }: Visit): string =>
  otpDigits(ring, { journeyId: visitId, kind, number: 1 }, ring.currentKeyId);

/** Somebody who is registered and has set a password. */
export async function settle(where: Where): Promise<Citizen> {
  const citizen = await register(where);
  const visit = await enterCode(where, citizen);
  await enterOtp(where, visit);
  await choosePassword(where, visit);
  return citizen;
}
