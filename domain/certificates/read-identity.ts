import { parseNationalId } from '../identity/national-id.ts';
import { parsePersonName } from '../identity/person-name.ts';
import { type ParseResult, parseFailure, parseSuccess } from '../parse-result.ts';
import { type CertificateNames, valuesOf } from './certificate-names.ts';
import { isOrganization } from './certificate-policies.ts';
import type { CertifiedIdentity } from './certified-identity.ts';
import { nameReaders } from './name-readers.ts';
import type { CertificateProfile } from './profiles.ts';

export type IdentityRefusal = 'not-a-natural-person' | 'pseudonym' | 'data-disagree';

/**
 * Who a certificate of a profile says that its holder is. `data-disagree`: its subject and its alternative name say different
 * things, something is missing or said twice, or the national id is none. Names stay in capitals where the issuer writes
 * them so: no rule turns `DE LA O` back into what a person writes.
 */
export function readIdentity(
  profile: CertificateProfile,
  names: CertificateNames,
): ParseResult<CertifiedIdentity, IdentityRefusal> {
  if (isOrganization(names.subject)) return parseFailure('not-a-natural-person');
  const isPseudonym = [names.subject, ...names.directoryNames].some(
    (name) => valuesOf(name, 'pseudonym').length > 0,
  );
  if (isPseudonym) return parseFailure('pseudonym');
  const claimed = nameReaders[profile](names);
  const nationalId = claimed && parseNationalId(claimed.nationalId);
  // The one stored form, as issuers write it: what has to be folded first was written by somebody else.
  if (!nationalId?.ok || nationalId.value !== claimed?.nationalId) return parseFailure('data-disagree');
  const givenName = parsePersonName(claimed.givenName);
  const firstSurname = parsePersonName(claimed.firstSurname);
  const secondSurname = claimed.secondSurname === '' ? undefined : parsePersonName(claimed.secondSurname);
  if (!givenName.ok || !firstSurname.ok || secondSurname?.ok === false) return parseFailure('data-disagree');
  return parseSuccess({
    nationalId: nationalId.value,
    givenName: givenName.value,
    firstSurname: firstSurname.value,
    ...(secondSurname && { secondSurname: secondSurname.value }),
  });
}
