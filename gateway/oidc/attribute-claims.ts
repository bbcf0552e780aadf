import type { Means } from '../../domain/assurance.ts';
import type { ReadIdentification } from '../flow/identifications.ts';

/**
 * Claims by scope. What stands under `openid` is in the ID token; all others are given by userinfo only, since an ID token
 * comes back in the address of a logout (docs/adr/0051).
 */
export const claimsByScope = {
  openid: ['sub', 'acr', 'amr', 'auth_time'],
  profile: ['given_name', 'family_name', 'name', 'first_surname', 'second_surname'],
  email: ['email'],
  phone: ['phone_number', 'phone_number_verified'],
  nif: ['national_id', 'registration_level', 'means'],
} as const;

/** The scopes that a relying party may ask for. Which attributes it gets is decided by its row. */
export const knownScopes: ReadonlySet<string> = new Set(Object.keys(claimsByScope));

/** Scopes of the standard that give nothing here, and are ignored ([OIDC-Core] 5.4, 11). */
export const ignoredScopes: ReadonlySet<string> = new Set(['address', 'offline_access']);

/** Every personal claim: a relying party may also ask for single ones, in `claims`. */
export const personalClaims: readonly string[] = Object.entries(claimsByScope).flatMap(([scope, claims]) =>
  scope === 'openid' ? [] : claims,
);

/** The claims that userinfo can give of an identification. The API has left out what the party may not have. */
export function claimsOf({ means, attributes }: ReadIdentification): Record<string, string | boolean> {
  const { givenName, firstSurname, secondSurname, email, phone, phoneConfirmed } = attributes;
  const surnames = [firstSurname, secondSurname].filter(Boolean).join(' ');
  const all = {
    given_name: givenName,
    family_name: surnames || undefined,
    name: [givenName, surnames].filter(Boolean).join(' ') || undefined,
    first_surname: firstSurname,
    second_surname: secondSurname,
    email,
    phone_number: phone,
    phone_number_verified: phoneConfirmed,
    national_id: attributes.nationalId,
    registration_level: attributes.registrationLevel,
    means,
  };
  return Object.fromEntries(
    Object.entries(all).filter((entry): entry is [string, string | boolean] => entry[1] !== undefined),
  );
}

const amrByMeans: Readonly<Record<Means, readonly string[]>> = {
  password: ['pwd'],
  'password-sms': ['pwd', 'otp', 'sms', 'mfa'],
  certificate: ['swk'],
  dnie: ['sc', 'hwk', 'pin', 'mfa'],
};

/** The methods of authentication of a means ([RFC8176]). */
export const amrOf = (means: Means): string[] => [...amrByMeans[means]];
