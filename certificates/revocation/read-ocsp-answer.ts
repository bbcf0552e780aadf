import { createHash } from 'node:crypto';
import { OctetString } from 'asn1js';
import {
  BasicOCSPResponse,
  CertID,
  type Certificate,
  getCrypto,
  OCSPResponse,
  RelativeDistinguishedNames,
  type SingleResponse,
} from 'pkijs';
import { after, before } from '../../domain/durations.ts';
import { certificateChecks } from '../../domain/limits.ts';
import { keyPurposes, permitsDigitalSignature } from '../verification/key-usage.ts';
import { nonceId } from './ocsp-request.ts';
import { isCurrent, type StatusAnswer } from './status-answer.ts';

export interface OcspQuestion {
  readonly certificate: Certificate;
  readonly issuer: Certificate;
  /** The one certificate that may sign, if the trust bundle fixes it. */
  readonly responder?: Certificate | undefined;
  /** The value of the extension that was sent. */
  readonly nonce: Uint8Array;
  readonly nowMs: number;
}

const { clockSkew, ocspAnswer } = certificateChecks;
const ocspSigning = '1.3.6.1.5.5.7.3.9';

/**
 * What an OCSP answer says, if it can be relied on: about this certificate of this issuer, signed by who may, current, not
 * older than a day, and with our nonce if it has one. pkijs verifies signatures; that, and nothing of the rest.
 * @returns undefined for anything else, and for «unknown»
 */
export async function readOcspAnswer(
  answer: Uint8Array,
  question: OcspQuestion,
): Promise<StatusAnswer | undefined> {
  try {
    const { responseStatus, responseBytes } = OCSPResponse.fromBER(new Uint8Array(answer));
    if (responseStatus.valueBlock.valueDec !== 0 || !responseBytes) return undefined;
    const basic = BasicOCSPResponse.fromBER(new Uint8Array(responseBytes.response.valueBlock.valueHexView));
    if (!hasOurNonce(basic, question.nonce)) return undefined;
    const single = await responseAbout(basic, question);
    if (!single || !isCurrent({ ...dates(single) }, question.nowMs, clockSkew)) return undefined;
    const oldest = before(question.nowMs, ocspAnswer.age);
    if (single.thisUpdate.getTime() < oldest || !(await isSignedByResponder(basic, question)))
      return undefined;
    const status = statusOf(single);
    const validUntilMs = Math.min(
      single.nextUpdate?.getTime() ?? 0,
      after(single.thisUpdate.getTime(), ocspAnswer.age),
    );
    return status && { status, kind: 'ocsp', answer, validUntilMs };
  } catch {
    return undefined;
  }
}

const dates = ({ thisUpdate, nextUpdate }: SingleResponse) => ({ thisUpdate, nextUpdate });

/** Many responders answer without a nonce, from answers signed beforehand; one with another nonce answers somebody else. */
function hasOurNonce({ tbsResponseData }: BasicOCSPResponse, nonce: Uint8Array): boolean {
  const answered = tbsResponseData.responseExtensions?.find(({ extnID }) => extnID === nonceId);
  return !answered || Buffer.from(answered.extnValue.valueBlock.valueHexView).equals(nonce);
}

/** The part of an answer that names this serial number and the name and key of this issuer. */
async function responseAbout(
  { tbsResponseData }: BasicOCSPResponse,
  { certificate, issuer }: OcspQuestion,
): Promise<SingleResponse | undefined> {
  const ids = await Promise.all(
    ['SHA-1', 'SHA-256'].map((hashAlgorithm) =>
      CertID.create(certificate, { hashAlgorithm, issuerCertificate: issuer }),
    ),
  );
  return tbsResponseData.responses.find(({ certID }) => ids.some((id) => certID.isEqual(id)));
}

/** `good` is [0], `revoked` [1], `unknown` [2]. */
function statusOf({ certStatus }: SingleResponse): 'good' | 'revoked' | undefined {
  const { tagNumber } = (certStatus as { idBlock: { tagNumber: number } }).idBlock;
  return tagNumber === 0 ? 'good' : tagNumber === 1 ? 'revoked' : undefined;
}

/** Signed by the issuer, or by whom the issuer itself has delegated its answers to. [RFC6960] 4.2.2.2 */
async function isSignedByResponder(basic: BasicOCSPResponse, question: OcspQuestion): Promise<boolean> {
  const { issuer, responder } = question;
  const candidates = responder ? [responder] : [issuer, ...(basic.certs ?? []).slice(0, 5)];
  for (const candidate of candidates) {
    if (!isNamed(candidate, basic.tbsResponseData.responderID) || !(await mayAnswer(candidate, question)))
      continue;
    return getCrypto(true).verifyWithPublicKey(
      new Uint8Array(basic.tbsResponseData.tbsView),
      basic.signature,
      candidate.subjectPublicKeyInfo,
      basic.signatureAlgorithm,
    );
  }
  return false;
}

async function mayAnswer(
  candidate: Certificate,
  { issuer, responder, nowMs }: OcspQuestion,
): Promise<boolean> {
  if (isSame(candidate, issuer)) return true;
  const isInTime =
    candidate.notBefore.value.getTime() <= nowMs && candidate.notAfter.value.getTime() >= nowMs;
  if (responder) return isInTime;
  return (
    isInTime &&
    candidate.issuer.isEqual(issuer.subject) &&
    (keyPurposes(candidate)?.includes(ocspSigning) ?? false) &&
    permitsDigitalSignature(candidate) &&
    (await candidate.verify(issuer))
  );
}

const isSame = (one: Certificate, other: Certificate): boolean =>
  Buffer.from(one.tbsView).equals(Buffer.from(other.tbsView));

/** By its name, or by the SHA-1 of its key. */
function isNamed(candidate: Certificate, responderId: unknown): boolean {
  if (responderId instanceof RelativeDistinguishedNames) return candidate.subject.isEqual(responderId);
  if (!(responderId instanceof OctetString)) return false;
  const key = candidate.subjectPublicKeyInfo.subjectPublicKey.valueBlock.valueHexView;
  return createHash('sha1').update(key).digest().equals(Buffer.from(responderId.valueBlock.valueHexView));
}
