import { randomBytes } from 'node:crypto';
import { OctetString } from 'asn1js';
import { type Certificate, Extension, OCSPRequest } from 'pkijs';

export const nonceId = '1.3.6.1.5.5.7.48.1.2';

/** An OCSP request about one certificate, and the value of its nonce. [RFC6960] 4.1 */
export async function newOcspRequest(
  certificate: Certificate,
  issuerCertificate: Certificate,
): Promise<{ request: Uint8Array; nonce: Buffer }> {
  const request = new OCSPRequest();
  // SHA-1 names the issuer here and protects nothing; it is what every responder knows.
  await request.createForCertificate(certificate, { hashAlgorithm: 'SHA-1', issuerCertificate });
  const nonce = Buffer.from(new OctetString({ valueHex: new Uint8Array(randomBytes(16)).buffer }).toBER());
  request.tbsRequest.requestExtensions = [
    new Extension({ extnID: nonceId, extnValue: new Uint8Array(nonce).buffer }),
  ];
  return { request: new Uint8Array(request.toSchema(true).toBER()), nonce };
}
