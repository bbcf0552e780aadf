import type { Integer } from 'asn1js';
import { type Certificate, CertificateRevocationList, getCrypto } from 'pkijs';
import { certificateChecks } from '../../domain/limits.ts';
import { splitCrl } from './split-crl.ts';
import { isCurrent, type StatusAnswer } from './status-answer.ts';

const crlNumberId = '2.5.29.20';

export interface CrlQuestion {
  readonly issuer: Certificate;
  readonly nowMs: number;
}

/** A list that can be relied on. */
export interface ReadCrl {
  readonly validUntilMs: number;
  /** The CRL number ([RFC5280] 5.2.3), by which an older list is recognised. */
  readonly number: bigint | undefined;
  /** What it says of a certificate of its issuer. */
  statusOf(certificate: Certificate): StatusAnswer;
}

/**
 * Reads a list of revoked certificates, if it can be relied on: of this issuer, signed by it, current, and of all that it
 * has issued. A list of a part of it (a delta, or one with a distribution point) or for other issuers too has a critical
 * extension, and is not used.
 * @returns undefined for anything else
 */
export async function readCrl(
  answer: Uint8Array,
  { issuer, nowMs }: CrlQuestion,
): Promise<ReadCrl | undefined> {
  try {
    const { frame, signed, serials, hasCriticalEntry } = splitCrl(answer);
    const crl = CertificateRevocationList.fromBER(new Uint8Array(frame));
    const extensions = crl.crlExtensions?.extensions ?? [];
    const period = { thisUpdate: crl.thisUpdate.value, nextUpdate: crl.nextUpdate?.value };
    if (hasCriticalEntry || extensions.some(({ critical }) => critical)) return undefined;
    if (!isCurrent(period, nowMs, certificateChecks.clockSkew)) return undefined;
    if (!crl.issuer.isEqual(issuer.subject) || !(await isSigned(signed, crl, issuer))) return undefined;
    const number = extensions.find(({ extnID }) => extnID === crlNumberId)?.parsedValue as
      | Integer
      | undefined;
    const validUntilMs = period.nextUpdate?.getTime() ?? 0;
    return {
      validUntilMs,
      number: number && BigInt(number.toBigInt()),
      statusOf: ({ serialNumber: { valueBlock } }) => {
        const isRevoked = serials.has(Buffer.from(valueBlock.valueHexView).toString('hex'));
        return { status: isRevoked ? 'revoked' : 'good', kind: 'crl', answer, validUntilMs };
      },
    };
  } catch {
    return undefined;
  }
}

const isSigned = (
  signed: Uint8Array,
  { signatureValue, signatureAlgorithm }: CertificateRevocationList,
  { subjectPublicKeyInfo }: Certificate,
): Promise<boolean> =>
  getCrypto(true).verifyWithPublicKey(
    new Uint8Array(signed),
    signatureValue,
    subjectPublicKeyInfo,
    signatureAlgorithm,
  );
