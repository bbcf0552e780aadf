import type { Integer } from 'asn1js';
import { type Certificate, CertificateRevocationList } from 'pkijs';
import { certificateChecks } from '../../domain/limits.ts';
import { isCurrent, type StatusAnswer } from './status-answer.ts';

const crlNumberId = '2.5.29.20';

export interface CrlQuestion {
  readonly certificate: Certificate;
  readonly issuer: Certificate;
  readonly nowMs: number;
}

/** A list that can be relied on, and its number, by which an older one is told. */
export interface ReadCrl extends StatusAnswer {
  readonly number: bigint | undefined;
}

/**
 * What a list of revoked certificates says, if it can be relied on: of this issuer, signed by it, current, and of all that it
 * has issued. A list of a part of it (a delta, or one with a distribution point) has a critical extension, and is not used.
 * @returns undefined for anything else
 */
export async function readCrl(
  answer: Uint8Array,
  { certificate, issuer, nowMs }: CrlQuestion,
): Promise<ReadCrl | undefined> {
  try {
    const crl = CertificateRevocationList.fromBER(new Uint8Array(answer));
    const extensions = crl.crlExtensions?.extensions ?? [];
    const period = { thisUpdate: crl.thisUpdate.value, nextUpdate: crl.nextUpdate?.value };
    if (extensions.some(({ critical }) => critical)) return undefined;
    if (!isCurrent(period, nowMs, certificateChecks.clockSkew)) return undefined;
    if (!(await crl.verify({ issuerCertificate: issuer }))) return undefined;
    const number = extensions.find(({ extnID }) => extnID === crlNumberId)?.parsedValue as
      | Integer
      | undefined;
    return {
      status: crl.isCertificateRevoked(certificate) ? 'revoked' : 'good',
      kind: 'crl',
      answer,
      validUntilMs: period.nextUpdate?.getTime() ?? 0,
      number: number && BigInt(number.toBigInt()),
    };
  } catch {
    return undefined;
  }
}
