import type { Certificate } from 'pkijs';
import type { Clock } from '../../domain/clock.ts';
import { lengthMs } from '../../domain/durations.ts';
import { certificateChecks } from '../../domain/limits.ts';
import type { TrustedIssuer, TrustedResponder } from '../trust/trust-bundle.ts';
import type { BoundedRequest, FetchBounded } from './fetch-bounded.ts';
import { newOcspRequest } from './ocsp-request.ts';
import { readCrl } from './read-crl.ts';
import { readOcspAnswer } from './read-ocsp-answer.ts';
import type { StatusAnswer } from './status-answer.ts';

/** One question to a responder, for the metrics. `unusable`: it came, and cannot be relied on, or says «unknown». */
export interface Asked {
  readonly url: string;
  readonly by: 'ocsp' | 'crl';
  readonly outcome: 'answered' | 'unusable' | 'unreachable';
  readonly seconds: number;
}

export interface RevocationDependencies {
  readonly fetchBounded: FetchBounded;
  readonly clock: Clock;
  /** How long an answer is used again at most, in ms, within its own time; with 0 each certificate is asked about anew. */
  readonly answersKeptMs: number;
  readonly onAsked?: (asked: Asked) => void;
}

export type CheckRevocation = (
  certificate: Certificate,
  issuer: TrustedIssuer,
) => Promise<StatusAnswer | undefined>;

/** Answers in memory, at most: the oldest goes first. */
const maxKept = 10_000;

const { ocspAnswer, crl: crlLimits } = certificateChecks;

/**
 * Asks whether a certificate is revoked: its issuer's responders, then its lists. An answer that cannot be relied on counts as
 * none. @returns undefined if there is none at all: the certificate is then refused
 */
export function createRevocationCheck({
  fetchBounded,
  clock,
  answersKeptMs,
  onAsked,
}: RevocationDependencies): CheckRevocation {
  const kept = new Map<string, { answer: StatusAnswer; untilMs: number }>();
  const lastNumbers = new Map<string, bigint>();

  return async (certificate, issuer) => {
    const key = Buffer.from(certificate.tbsView).toString('base64');
    const earlier = kept.get(key);
    if (earlier && earlier.untilMs > clock.now()) return earlier.answer;
    kept.delete(key);
    const answer = (await askResponders(certificate, issuer)) ?? (await askLists(certificate, issuer));
    if (answer && answersKeptMs > 0) keep(key, answer);
    return answer;
  };

  async function askResponders(certificate: Certificate, { chain, ocsp }: TrustedIssuer) {
    for (const responder of ocsp) {
      const answer = await askResponder(certificate, chain[0], responder);
      if (answer) return answer;
    }
    return undefined;
  }

  async function askResponder(
    certificate: Certificate,
    issuer: Certificate,
    { url, certificate: pinned }: TrustedResponder,
  ) {
    const { request, nonce } = await newOcspRequest(certificate, issuer);
    return ask(
      {
        ...{ url, maxBytes: ocspAnswer.bytes, timeoutMs: lengthMs(ocspAnswer.within) },
        body: { type: 'application/ocsp-request', content: request },
      },
      (answer) =>
        readOcspAnswer(answer, { certificate, issuer, nonce, responder: pinned, nowMs: clock.now() }),
    );
  }

  async function askLists(certificate: Certificate, { chain, crl }: TrustedIssuer) {
    const [issuer] = chain;
    for (const url of crl) {
      const request = { url, maxBytes: crlLimits.bytes, timeoutMs: lengthMs(crlLimits.within) };
      const answer = await ask(request, async (list) => {
        const read = await readCrl(list, { certificate, issuer, nowMs: clock.now() });
        return read && isNewest(url, read.number) ? read : undefined;
      });
      if (answer) return answer;
    }
    return undefined;
  }

  /** An earlier list, sent again, would make what was revoked since valid. */
  function isNewest(url: string, number: bigint | undefined): boolean {
    const last = lastNumbers.get(url);
    if (last !== undefined && (number === undefined || number < last)) return false;
    if (number !== undefined) lastNumbers.set(url, number);
    return true;
  }

  async function ask<Answer extends StatusAnswer>(
    request: BoundedRequest,
    read: (answer: Uint8Array) => Promise<Answer | undefined>,
  ): Promise<Answer | undefined> {
    const startedAt = performance.now();
    const fetched = await fetchBounded(request);
    const seconds = (performance.now() - startedAt) / 1000;
    const answer = fetched && (await read(fetched));
    const outcome = answer ? 'answered' : fetched ? 'unusable' : 'unreachable';
    onAsked?.({ url: request.url, by: request.body ? 'ocsp' : 'crl', outcome, seconds });
    return answer;
  }

  function keep(key: string, answer: StatusAnswer): void {
    const untilMs = Math.min(answer.validUntilMs, clock.now() + answersKeptMs);
    kept.set(key, { answer, untilMs });
    const [oldest] = kept.keys();
    if (kept.size > maxKept && oldest !== undefined) kept.delete(oldest);
  }
}
