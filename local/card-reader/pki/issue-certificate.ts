import { createHash, createPublicKey, type KeyObject, randomBytes, sign } from 'node:crypto';
import { distinguishedName, type NameAttributes } from './certificate-names.ts';
import { bits, type Der, explicit, integer, nothing, oid, sequence, time } from './der.ts';
import { authorityKeyIdentifier, subjectKeyIdentifier } from './extensions.ts';

/** Who signs: a name and its key. */
export interface Signer {
  readonly name: NameAttributes;
  readonly privateKey: KeyObject;
}

export interface CertificateContent {
  readonly subject: NameAttributes;
  readonly publicKey: KeyObject;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly extensions: readonly Der[];
  readonly serial?: Uint8Array;
}

/** Issues a certificate. @returns its DER */
export function issueCertificate(issuer: Signer, content: CertificateContent): Buffer {
  const { subject, publicKey, notBefore, notAfter, extensions, serial = newSerial() } = content;
  return signed(
    issuer.privateKey,
    sequence(
      explicit(0, integer(2)),
      integer(serial),
      algorithmOf(issuer.privateKey),
      distinguishedName(issuer.name),
      sequence(time(notBefore), time(notAfter)),
      distinguishedName(subject),
      subjectPublicKeyInfo(publicKey),
      explicit(
        3,
        sequence(
          ...extensions,
          subjectKeyIdentifier(keyIdentifier(publicKey)),
          authorityKeyIdentifier(keyIdentifier(createPublicKey(issuer.privateKey))),
        ),
      ),
    ),
  );
}

/** What is signed, the algorithm and the signature, which is the form of certificates and of revocation lists. */
export const signed = (privateKey: KeyObject, toBeSigned: Der): Der =>
  sequence(toBeSigned, algorithmOf(privateKey), bits(sign('sha256', toBeSigned, privateKey)));

/** SHA-256 with ECDSA, which has no parameters, or with RSA, which has NULL. */
export const algorithmOf = (key: KeyObject): Der =>
  key.asymmetricKeyType === 'ec'
    ? sequence(oid('1.2.840.10045.4.3.2'))
    : sequence(oid('1.2.840.113549.1.1.11'), nothing());

export const subjectPublicKeyInfo = (key: KeyObject): Buffer => key.export({ type: 'spki', format: 'der' });

/** SHA-1 of the key without its algorithm, as certificates and OCSP name keys. [RFC5280] 4.2.1.2 */
export const keyIdentifier = (key: KeyObject): Buffer => createHash('sha1').update(keyBits(key)).digest();

/** The BIT STRING of a public key: the last element of its SubjectPublicKeyInfo. */
export function keyBits(key: KeyObject): Buffer {
  const info = subjectPublicKeyInfo(key);
  const { asymmetricKeyType: type } = key;
  // RSA of 2048 bits and EC P-256, the only keys here, have one length each.
  return info.subarray(info.length - (type === 'ec' ? 65 : 270));
}

/** Sixteen random octets, of which the first bit is 0: a positive number. */
export function newSerial(): Buffer {
  const serial = randomBytes(16);
  serial[0] = ((serial[0] ?? 0) & 0x3f) | 0x40;
  return serial;
}

/** A DER certificate as PEM. */
export const certificatePem = (der: Uint8Array): string =>
  `-----BEGIN CERTIFICATE-----\n${(
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  ).join('\n')}\n-----END CERTIFICATE-----\n`;
