import type { Integer } from 'asn1js';
import { type Certificate, CertificateRevocationList } from 'pkijs';
import { certificateChecks } from '../../domain/limits.ts';
import { isCurrent, type StatusAnswer } from './status-answer.ts';

const crlNumberId = '2.5.29.20';

export interface CrlQuestion {
  readonly issuer: Certificate;
  readonly nowMs: number;
}

/** A list that can be relied on. */
export interface ReadCrl {
  readonly validUntilMs: number;
  /** By which an older one is told. */
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
    const crl = CertificateRevocationList.fromBER(new Uint8Array(answer));
    const extensions = crl.crlExtensions?.extensions ?? [];
    const entries = crl.revokedCertificates ?? [];
    const ofEntries = entries.flatMap(({ crlEntryExtensions }) => crlEntryExtensions?.extensions ?? []);
    const period = { thisUpdate: crl.thisUpdate.value, nextUpdate: crl.nextUpdate?.value };
    if ([...extensions, ...ofEntries].some(({ critical }) => critical)) return undefined;
    if (!isCurrent(period, nowMs, certificateChecks.clockSkew)) return undefined;
    if (!(await crl.verify({ issuerCertificate: issuer }))) return undefined;
    const number = extensions.find(({ extnID }) => extnID === crlNumberId)?.parsedValue as
      | Integer
      | undefined;
    // Only the serial numbers are kept: the parsed list takes many times its length.
    const revoked = new Set(entries.map(({ userCertificate }) => serial(userCertificate)));
    const validUntilMs = period.nextUpdate?.getTime() ?? 0;
    return {
      validUntilMs,
      number: number && BigInt(number.toBigInt()),
      statusOf: ({ serialNumber }) => ({
        status: revoked.has(serial(serialNumber)) ? 'revoked' : 'good',
        ...{ kind: 'crl', answer, validUntilMs },
      }),
    };
  } catch {
    return undefined;
  }
}

const serial = ({ valueBlock }: Integer): string => Buffer.from(valueBlock.valueHexView).toString('hex');
