import type { BitString } from 'asn1js';
import type { Certificate } from 'pkijs';
import { extensionIds, parsedExtension } from './read-certificate.ts';

/** The first bit of KeyUsage. [RFC5280] 4.2.1.3 */
const digitalSignature = 0b1000_0000;
const clientAuthentication = '1.3.6.1.5.5.7.3.2';
const anyExtendedKeyUsage = '2.5.29.37.0';

/**
 * Whether a key is for authentication: it has the usage «digital signature», which a certificate for signing only has not, and,
 * if purposes are named, that of a TLS client.
 */
export function isForAuthentication(certificate: Certificate): boolean {
  if (!permitsDigitalSignature(certificate)) return false;
  const purposes = keyPurposes(certificate);
  return !purposes || purposes.includes(clientAuthentication) || purposes.includes(anyExtendedKeyUsage);
}

/** The purposes of the extended key usage, or undefined without one. */
export const keyPurposes = (certificate: Certificate): readonly string[] | undefined =>
  parsedExtension(certificate, extensionIds.extendedKeyUsage)?.keyPurposes as string[] | undefined;

export function permitsDigitalSignature(certificate: Certificate): boolean {
  const usage = parsedExtension(certificate, extensionIds.keyUsage) as unknown as BitString | undefined;
  return (((usage?.valueBlock.valueHexView[0] as number) ?? 0) & digitalSignature) !== 0;
}
