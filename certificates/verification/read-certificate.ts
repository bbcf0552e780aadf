import { X509Certificate } from 'node:crypto';
import { Utf8String } from 'asn1js';
import { Certificate, type RelativeDistinguishedNames } from 'pkijs';
import type { CertificateNames, NameAttribute } from '../../domain/certificates/certificate-names.ts';
import { certificateChecks } from '../../domain/limits.ts';

/** A certificate with what is asked of it. */
export interface ReadCertificate {
  readonly der: Uint8Array;
  readonly certificate: Certificate;
  /** The same as OpenSSL reads it. */
  readonly node: X509Certificate;
  readonly names: CertificateNames;
  readonly policies: readonly string[];
  readonly notBefore: Date;
  readonly notAfter: Date;
}

export const extensionIds = {
  keyUsage: '2.5.29.15',
  subjectAlternativeName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  nameConstraints: '2.5.29.30',
  certificatePolicies: '2.5.29.32',
  policyMappings: '2.5.29.33',
  policyConstraints: '2.5.29.36',
  extendedKeyUsage: '2.5.29.37',
  inhibitAnyPolicy: '2.5.29.54',
} as const;

/** Of a GeneralName. */
export const directoryNameType = 4;

/**
 * Reads the DER of a certificate, whatever somebody has sent. @returns undefined for what is no certificate, is larger than
 * one is, or has more names than one has: none of it is worth the work of a signature.
 */
export function readCertificate(der: Uint8Array): ReadCertificate | undefined {
  if (der.length === 0 || der.length > certificateChecks.certificateBytes) return undefined;
  try {
    const node = new X509Certificate(der);
    // asn1js also reads what is no DER; OpenSSL writes what it has read as DER.
    if (!node.raw.equals(der)) return undefined;
    // A copy of its own: the parsed certificate refers to it.
    const certificate = Certificate.fromBER(new Uint8Array(der));
    const alternatives: unknown = parsedExtension(certificate, extensionIds.subjectAlternativeName)?.altNames;
    const altNames = (alternatives ?? []) as { type: number; value: RelativeDistinguishedNames }[];
    const directoryNames = altNames.filter(({ type }) => type === directoryNameType);
    const names: CertificateNames = {
      subject: attributesOf(certificate.subject),
      directoryNames: directoryNames.map(({ value }) => attributesOf(value)),
    };
    if (altNames.length + names.subject.length + names.directoryNames.flat().length > certificateChecks.names)
      return undefined;
    const policies: unknown = parsedExtension(
      certificate,
      extensionIds.certificatePolicies,
    )?.certificatePolicies;
    return {
      ...{ der, certificate, node, names },
      policies: ((policies ?? []) as { policyIdentifier: string }[]).map((policy) => policy.policyIdentifier),
      notBefore: certificate.notBefore.value,
      notAfter: certificate.notAfter.value,
    };
  } catch {
    return undefined;
  }
}

/** The parsed value of an extension, with the members of its kind. @throws Error if it cannot be parsed */
export function parsedExtension(certificate: Certificate, id: string): Record<string, unknown> | undefined {
  const extension = certificate.extensions?.find(({ extnID }) => extnID === id);
  if (!extension) return undefined;
  const { parsedValue } = extension;
  if (!parsedValue || 'parsingError' in parsedValue) throw new Error('an extension that cannot be parsed');
  return parsedValue as unknown as Record<string, unknown>;
}

const attributesOf = ({ typesAndValues }: RelativeDistinguishedNames): NameAttribute[] =>
  typesAndValues.map(({ type, value }) => ({ type, value: textOf(value) }));

/** Text of the kinds that certificates have; a value of another kind is none. */
const textOf = (value: { valueBlock: { value: unknown } }): string =>
  value instanceof Utf8String || typeof value.valueBlock.value === 'string'
    ? String(value.valueBlock.value)
    : '';
