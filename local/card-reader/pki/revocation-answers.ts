import { createPublicKey, sign } from 'node:crypto';
import { OCSPRequest } from 'pkijs';
import { distinguishedName } from './certificate-names.ts';
import type { DemoIssuer } from './demo-pki.ts';
import {
  bits,
  type Der,
  element,
  enumerated,
  explicit,
  generalizedTime,
  integer,
  octets,
  oid,
  sequence,
  time,
} from './der.ts';
import { authorityKeyIdentifier, crlNumber } from './extensions.ts';
import { algorithmOf, keyIdentifier, newSerial, signed } from './issue-certificate.ts';

/**
 * How a responder of the demo answers, about one certificate and by its list: rightly; as of a week ago; about another
 * certificate (its list is then signed by another issuer); or with the signature of another issuer. Hanging, huge and
 * absent answers are made by the HTTP server.
 */
export const answerModes = ['ok', 'stale', 'other-serial', 'other-issuer'] as const;
export type AnswerMode = (typeof answerModes)[number];

export interface AnswerOptions {
  readonly mode: AnswerMode;
  readonly now: Date;
  /** Signs in the place of the issuer, where the mode says so. */
  readonly other: DemoIssuer;
  /** How long the answer holds, in ms: half a day if not said. */
  readonly holdsMs?: number;
}

const minute = 60_000;
const day = 86_400_000;
const nonceId = '1.3.6.1.5.5.7.48.1.2';

/** Answers an OCSP request. @returns the DER of an OCSPResponse, also to what is no request. [RFC6960] 4.2 */
export function answerOcsp(issuer: DemoIssuer, request: Uint8Array, options: AnswerOptions): Buffer {
  const asked = readRequest(request);
  if (!asked) return sequence(enumerated(1)); // malformedRequest
  const isOurs = asked.keyHash.equals(keyIdentifier(createPublicKey(issuer.issuer.privateKey)));
  if (!isOurs) return sequence(enumerated(6)); // unauthorized
  const { privateKey, certificate } = (options.mode === 'other-issuer' ? options.other : issuer).responder;
  const { thisUpdate, nextUpdate } = periodOf(options);
  const data = sequence(
    explicit(2, octets(keyIdentifier(createPublicKey(privateKey)))),
    generalizedTime(thisUpdate),
    sequence(
      sequence(
        asked.certificateId(options.mode === 'other-serial' ? newSerial() : asked.serial),
        statusOf(issuer, asked.serial.toString('hex'), thisUpdate),
        generalizedTime(thisUpdate),
        explicit(0, generalizedTime(nextUpdate)),
      ),
    ),
    ...(asked.nonce ? [explicit(1, sequence(sequence(oid(nonceId), octets(asked.nonce))))] : []),
  );
  const basic = sequence(
    data,
    algorithmOf(privateKey),
    bits(sign('sha256', data, privateKey)),
    explicit(0, sequence(certificate)),
  );
  return sequence(enumerated(0), explicit(0, sequence(oid('1.3.6.1.5.5.7.48.1.1'), octets(basic))));
}

/** The list of what an issuer has revoked. @returns its DER. [RFC5280] 5 */
export function currentCrl(issuer: DemoIssuer, options: AnswerOptions): Buffer {
  const isForeign = options.mode === 'other-issuer' || options.mode === 'other-serial';
  const { privateKey } = isForeign ? options.other.issuer : issuer.issuer;
  const { thisUpdate, nextUpdate } = periodOf(options);
  const entries = issuer.revoked.map(({ serial }) =>
    sequence(integer(Buffer.from(serial, 'hex')), time(thisUpdate)),
  );
  return signed(
    privateKey,
    sequence(
      integer(1),
      algorithmOf(privateKey),
      distinguishedName(issuer.issuer.name),
      time(thisUpdate),
      time(nextUpdate),
      ...(entries.length > 0 ? [sequence(...entries)] : []),
      explicit(
        0,
        sequence(
          authorityKeyIdentifier(keyIdentifier(createPublicKey(privateKey))),
          crlNumber(Math.floor(thisUpdate.getTime() / 1000)),
        ),
      ),
    ),
  );
}

/** The period that an answer holds for. */
function periodOf({ mode, now, holdsMs = day / 2 }: AnswerOptions): { thisUpdate: Date; nextUpdate: Date } {
  const thisUpdate = new Date(now.getTime() - (mode === 'stale' ? 7 * day : minute));
  return { thisUpdate, nextUpdate: new Date(thisUpdate.getTime() + holdsMs) };
}

/** `good`, `revoked`, or `unknown` for what is revoked in the list only. */
function statusOf({ revoked }: DemoIssuer, serial: string, at: Date): Der {
  const entry = revoked.find((one) => one.serial === serial);
  if (!entry) return element(0x80);
  return entry.listOnly ? element(0x82) : element(0xa1, generalizedTime(at));
}

/** What the first question of a request is about, or undefined for what is no request. */
function readRequest(request: Uint8Array) {
  try {
    const { tbsRequest } = OCSPRequest.fromBER(new Uint8Array(request));
    const asked = tbsRequest.requestList[0]?.reqCert;
    if (!asked) return undefined;
    const nonce = tbsRequest.requestExtensions?.find(({ extnID }) => extnID === nonceId);
    const nameHash = Buffer.from(asked.issuerNameHash.valueBlock.valueHexView);
    const keyHash = Buffer.from(asked.issuerKeyHash.valueBlock.valueHexView);
    const algorithm = Buffer.from(asked.hashAlgorithm.toSchema().toBER(false));
    return {
      keyHash,
      serial: Buffer.from(asked.serialNumber.valueBlock.valueHexView),
      nonce: nonce && Buffer.from(nonce.extnValue.valueBlock.valueHexView),
      certificateId: (serial: Buffer): Der =>
        sequence(algorithm, octets(nameHash), octets(keyHash), integer(serial)),
    };
  } catch {
    return undefined;
  }
}
