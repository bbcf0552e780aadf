import { randomBytes } from 'node:crypto';
import { Integer } from 'asn1js';
import { Certificate } from 'pkijs';
import { type Asked, createRevocationCheck } from '../../certificates/revocation/check-revocation.ts';
import type { FetchBounded } from '../../certificates/revocation/fetch-bounded.ts';
import type { TrustedIssuer } from '../../certificates/trust/trust-bundle.ts';
import { systemClock } from '../../domain/clock.ts';

export interface TriedSource extends Pick<Asked, 'url' | 'by' | 'outcome'> {
  readonly milliseconds: number;
}

/**
 * Asks each responder and each list of an issuer once, about `sample`, or about a serial number that nobody has, which a
 * responder may call unknown (`unusable`).
 */
export async function trySources(
  issuer: TrustedIssuer,
  { fetchBounded, sample }: { fetchBounded: FetchBounded; sample?: Certificate | undefined },
): Promise<TriedSource[]> {
  const tried: TriedSource[] = [];
  const check = createRevocationCheck({
    ...{ fetchBounded, clock: systemClock, answersKeptMs: 0 },
    onAsked: ({ url, by, outcome, seconds }) =>
      tried.push({ url, by, outcome, milliseconds: Math.round(seconds * 1000) }),
  });
  const about = sample ?? withoutHolder(issuer.chain[0]);
  for (const responder of issuer.ocsp) await check(about, { ...issuer, ocsp: [responder], crl: [] });
  for (const url of issuer.crl) await check(about, { ...issuer, ocsp: [], crl: [url] });
  return tried;
}

/** A certificate as its issuer might have issued it, of which only issuer and serial number are asked. */
function withoutHolder(issuer: Certificate): Certificate {
  const certificate = Certificate.fromBER(issuer.toSchema().toBER());
  certificate.issuer = issuer.subject;
  certificate.serialNumber = new Integer({ valueHex: new Uint8Array([0x40, ...randomBytes(15)]).buffer });
  return certificate;
}
