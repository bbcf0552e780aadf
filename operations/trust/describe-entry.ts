import type { X509Certificate } from 'node:crypto';
import { Certificate } from 'pkijs';
import { extensionIds, parsedExtension } from '../../certificates/verification/read-certificate.ts';

/** What an operator compares with what the authority has published. */
export interface DescribedCertificate {
  readonly subject: string;
  readonly issuer: string;
  /** SHA-256, in the form in which authorities publish it. */
  readonly fingerprint: string;
  readonly validFrom: string;
  readonly validTo: string;
  readonly policies: readonly string[];
}

/** Describes a certificate of a root or an issuer. */
export function describeCertificate(node: X509Certificate): DescribedCertificate {
  const policies = parsedExtension(
    Certificate.fromBER(new Uint8Array(node.raw)),
    extensionIds.certificatePolicies,
  )?.certificatePolicies as { policyIdentifier: string }[] | undefined;
  return {
    subject: printable(node.subject),
    issuer: printable(node.issuer),
    fingerprint: node.fingerprint256,
    validFrom: new Date(node.validFrom).toISOString(),
    validTo: new Date(node.validTo).toISOString(),
    policies: (policies ?? []).map(({ policyIdentifier }) => policyIdentifier),
  };
}

/** One line, without control characters: a name must not control the operator's terminal. */
const printable = (name: string): string => name.replaceAll('\n', ', ').replace(/\p{C}/gu, '?').slice(0, 300);
