import { createHash, type KeyObject, sign } from 'node:crypto';
import {
  Set as AsnSet,
  type BaseBlock,
  Constructed,
  fromBER,
  Integer,
  Null,
  ObjectIdentifier,
  OctetString,
  Sequence,
} from 'asn1js';
import { Certificate } from 'pkijs';

/** With what the service seals documents: its certificate, then those of its issuers (DER), and the private key (RSA or EC). */
export interface SealKey {
  readonly certificates: readonly [Buffer, ...Buffer[]];
  readonly privateKey: KeyObject;
}

const oids = {
  data: '1.2.840.113549.1.7.1',
  signedData: '1.2.840.113549.1.7.2',
  contentType: '1.2.840.113549.1.9.3',
  messageDigest: '1.2.840.113549.1.9.4',
  signingCertificateV2: '1.2.840.113549.1.9.16.2.47',
  sha256: '2.16.840.1.101.3.4.2.1',
  rsaWithSha256: '1.2.840.113549.1.1.11',
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
} as const;

/**
 * A detached CAdES baseline signature (CMS, DER) over a content: what a PDF seal consists of ([PAdES] B-B). The signed attributes
 * bind the signing certificate; the time is claimed by the document, not here.
 */
export function cadesSignature(content: Buffer, { certificates, privateKey }: SealKey): Buffer {
  const [signer] = certificates;
  const attributes = inDerOrder([
    attribute(oids.contentType, oid(oids.data)),
    attribute(oids.messageDigest, octets(sha256(content))),
    // ESSCertIDv2 with the default algorithm, SHA-256.
    attribute(oids.signingCertificateV2, sequence(sequence(sequence(octets(sha256(signer)))))),
  ]);
  const signature = sign('sha256', der(new AsnSet({ value: attributes })), privateKey);
  const { issuer, serialNumber } = parsed(signer);
  const signerInfo = sequence(
    new Integer({ value: 1 }),
    sequence(issuer.toSchema(), serialNumber),
    sequence(oid(oids.sha256)),
    tagged(0, attributes),
    privateKey.asymmetricKeyType === 'rsa'
      ? sequence(oid(oids.rsaWithSha256), new Null())
      : sequence(oid(oids.ecdsaWithSha256)),
    octets(signature),
  );
  const signedData = sequence(
    new Integer({ value: 1 }),
    new AsnSet({ value: [sequence(oid(oids.sha256))] }),
    sequence(oid(oids.data)),
    tagged(0, certificates.map(raw)),
    new AsnSet({ value: [signerInfo] }),
  );
  return der(sequence(oid(oids.signedData), tagged(0, [signedData])));
}

const sha256 = (bytes: Buffer): Buffer => createHash('sha256').update(bytes).digest();
const der = (block: BaseBlock): Buffer => Buffer.from(block.toBER());
const oid = (value: string) => new ObjectIdentifier({ value });
const octets = (bytes: Buffer) => new OctetString({ valueHex: arrayBufferOf(bytes) });
const sequence = (...value: BaseBlock[]) => new Sequence({ value });
const tagged = (tagNumber: number, value: BaseBlock[]) =>
  new Constructed({ idBlock: { tagClass: 3, tagNumber }, value });
const attribute = (type: string, value: BaseBlock) => sequence(oid(type), new AsnSet({ value: [value] }));
const raw = (bytes: Buffer): BaseBlock => fromBER(arrayBufferOf(bytes)).result;

/** A set is signed with its members in the order of their bytes ([X.690] 11.6). */
const inDerOrder = (members: readonly BaseBlock[]): BaseBlock[] =>
  [...members].sort((a, b) => Buffer.compare(der(a), der(b)));

const parsed = (certificate: Buffer): Certificate => Certificate.fromBER(arrayBufferOf(certificate));

const arrayBufferOf = (bytes: Buffer): ArrayBuffer =>
  bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
