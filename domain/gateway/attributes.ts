import type { RegistrationLevel } from '../assurance.ts';

/** What a relying party may be given of a citizen, as the registry names it. */
export const partyAttributes = ['nif', 'profile', 'email', 'phone', 'registration_level'] as const;
type PartyAttribute = (typeof partyAttributes)[number];

/** Of whom attributes are told. */
export interface AttributeHolder {
  readonly nationalId: string;
  readonly givenName: string;
  readonly firstSurname: string;
  readonly secondSurname?: string | null;
  /** Of a citizen, as the rest. Who is not registered has none. */
  readonly email: string | null;
  readonly phone: string | null;
  readonly phoneConfirmed: boolean;
  readonly registrationLevel: RegistrationLevel | null;
}

/** The attributes that are told; what is not permitted, or not held, is absent. */
export interface Attributes {
  readonly nationalId?: string;
  readonly givenName?: string;
  readonly firstSurname?: string;
  readonly secondSurname?: string;
  readonly email?: string;
  readonly phone?: string;
  readonly phoneConfirmed?: boolean;
  readonly registrationLevel?: RegistrationLevel;
}

const byName: Readonly<Record<PartyAttribute, (holder: AttributeHolder) => Attributes>> = {
  nif: ({ nationalId }) => ({ nationalId }),
  profile: ({ givenName, firstSurname, secondSurname }) => ({
    givenName,
    firstSurname,
    ...(secondSurname && { secondSurname }),
  }),
  email: ({ email }) => (email === null ? {} : { email }),
  phone: ({ phone, phoneConfirmed }) => (phone === null ? {} : { phone, phoneConfirmed }),
  registration_level: ({ registrationLevel }) => (registrationLevel === null ? {} : { registrationLevel }),
};

/** What those names permit to tell. One that this release does not know gives nothing. */
export const permittedAttributes = (holder: AttributeHolder, names: readonly string[]): Attributes =>
  Object.assign(
    {},
    ...partyAttributes.filter((name) => names.includes(name)).map((name) => byName[name](holder)),
  );
