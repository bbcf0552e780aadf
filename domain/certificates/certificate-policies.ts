import type { NameAttribute } from './certificate-names.ts';
import { valuesOf } from './certificate-names.ts';
import type { CertificateRefusal } from './certificate-refusals.ts';

/** The policy of the signature certificate of the DNIe, which is not for authentication. */
const dnieSignature = '2.16.724.1.2.2.2.3';
/** The arc of the mint's certificates of representatives: of companies, of others without shares, of single entities. */
const fnmtRepresentatives = '1.3.6.1.4.1.5734.3.11.';

/**
 * Why a certificate that is of no profile cannot be used, where its policies say so; undefined if they say nothing. Only for
 * the words of the refusal: nothing is accepted by it.
 */
export function refusalOfPolicies(policies: readonly string[]): CertificateRefusal | undefined {
  if (policies.some((policy) => policy.startsWith(fnmtRepresentatives))) return 'not-a-natural-person';
  return policies.includes(dnieSignature) ? 'wrong-key-use' : undefined;
}

/** Whether a subject is a legal person or its representative: both have the identifier of an organisation. */
export const isOrganization = (subject: readonly NameAttribute[]): boolean =>
  valuesOf(subject, 'organizationIdentifier').length > 0 ||
  valuesOf(subject, 'serialNumber').some((serial) => serial.startsWith('VATES-'));
