import type { Certificate } from 'pkijs';
import type { Clock } from '../../domain/clock.ts';
import { lengthMs } from '../../domain/durations.ts';
import { certificateChecks } from '../../domain/limits.ts';
import type { TrustedIssuer, TrustedResponder } from '../trust/trust-bundle.ts';
import { createAnswerCache } from './answer-cache.ts';
import type { BoundedRequest, FetchBounded } from './fetch-bounded.ts';
import { newOcspRequest } from './ocsp-request.ts';
import { type ReadCrl, readCrl } from './read-crl.ts';
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
  /**
   * How long an answer is used again at most, in ms, within its own time; with 0 each certificate is asked about anew, and each
   * list fetched anew.
   */
  readonly answersKeptMs: number;
  readonly onAsked?: (asked: Asked) => void;
}

export type CheckRevocation = (
  certificate: Certificate,
  issuer: TrustedIssuer,
) => Promise<StatusAnswer | undefined>;

/** A list has up to five megabytes, and there are few: one or two for each issuer. */
const maxEntries = { answers: 10_000, lists: 20 };

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
  const cacheTtlMs = answersKeptMs;
  const answers = createAnswerCache<StatusAnswer>({ clock, cacheTtlMs, maxEntries: maxEntries.answers });
  const lists = createAnswerCache<ReadCrl>({ clock, cacheTtlMs, maxEntries: maxEntries.lists });
  const lastNumbers = new Map<string, bigint>();

  return async (certificate, issuer) =>
    (await answers(identityOf(certificate), () => askResponders(certificate, issuer))) ??
    // Lists have a cache of their own: what one says is not kept for longer than the list.
    (await askLists(certificate, issuer));

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
      const list = await lists(`${url} ${identityOf(issuer)}`, () => fetchList(url, issuer));
      if (list) return list.statusOf(certificate);
    }
    return undefined;
  }

  function fetchList(url: string, issuer: Certificate): Promise<ReadCrl | undefined> {
    const request = { url, maxBytes: crlLimits.bytes, timeoutMs: lengthMs(crlLimits.within) };
    return ask(request, async (list) => {
      const read = await readCrl(list, { issuer, nowMs: clock.now() });
      return read && isNewest(url, read.number) ? read : undefined;
    });
  }

  /** An earlier list, sent again, would make what was revoked since valid. */
  function isNewest(url: string, number: bigint | undefined): boolean {
    const last = lastNumbers.get(url);
    if (last !== undefined && (number === undefined || number < last)) return false;
    if (number !== undefined) lastNumbers.set(url, number);
    return true;
  }

  async function ask<Answer>(
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
}

/** What a certificate says, signed: no two have the same. */
const identityOf = ({ tbsView }: Certificate): string => Buffer.from(tbsView).toString('base64');
