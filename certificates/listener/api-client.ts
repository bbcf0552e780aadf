import { createHash } from 'node:crypto';
import { type ApiClient, createApiClient, expectStatus, withTimeout } from '../../client/client.ts';
import { type Caller, headersOf, traced } from '../../client/front-end-client.ts';
import { withRetry } from '../../client/retry.ts';
import type { Verification } from '../verification/verify-certificate.ts';

/** The API is asked for no longer than this (ms), repetitions included: a browser waits. */
const patienceMs = 5_000;

/** Longer lists of revoked certificates are told by their digest: their issuer publishes and archives them. */
const maxAnswerBytes = 262_144;

/** The API, as far as the certificate listener calls it, on behalf of a browser. */
export interface VisitApi {
  /** Counts a presentation. @returns the status: 201 if the ticket takes it */
  beginPresentation(ticket: string): Promise<number>;
  /** Tells what came of a certificate. @returns where the browser goes; undefined if the visit has ended meanwhile */
  reportOutcome(ticket: string, verification: Verification): Promise<string | undefined>;
}

/** A client for the certificate listener. */
export function visitApi(
  { API_URL, CERTIFICATE_KEY }: { API_URL: string; CERTIFICATE_KEY: string },
  caller: Caller,
): VisitApi {
  const api: ApiClient = createApiClient({
    url: API_URL,
    headers: { ...headersOf(caller), 'X-Certificate-Key': CERTIFICATE_KEY },
    transport: traced(withRetry(withTimeout(patienceMs), { forMs: patienceMs })),
  });
  return {
    async beginPresentation(id) {
      const { response } = await api.POST('/certificate-tickets/{id}/presentations', {
        params: { path: { id } },
      });
      return response.status;
    },
    async reportOutcome(ticket, verification) {
      const body = { ticket, ...told(verification) };
      const reply = await api.POST('/certificate-presentations', { body });
      if ([404, 410].includes(reply.response.status)) return undefined;
      return (await expectStatus(200, Promise.resolve(reply))).location;
    },
  };
}

function told(verification: Verification) {
  if (verification.kind === 'refused') return { refused: verification.reason };
  const { profile, identity, notAfter, certificates, revocation } = verification;
  return {
    accepted: {
      profile,
      identity,
      notAfter: notAfter.toISOString(),
      certificates: certificates.map(base64),
      revocation: toldRevocation(revocation),
    },
  };
}

function toldRevocation({ kind, answer }: { kind: 'ocsp' | 'crl'; answer: Uint8Array }) {
  if (answer.length <= maxAnswerBytes) return { kind, answer: base64(answer) };
  return { kind: 'crl-digest' as const, answer: createHash('sha256').update(answer).digest('base64') };
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
