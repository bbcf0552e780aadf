import type { BoundedRequest, FetchBounded } from '../../certificates/revocation/fetch-bounded.ts';
import type { DemoIssuer, DemoPki, IssuerId } from '../../local/card-reader/pki/demo-pki.ts';
import {
  type AnswerMode,
  type AnswerOptions,
  answerOcsp,
  currentCrl,
} from '../../local/card-reader/pki/revocation-answers.ts';
import { crlPath, ocspPath } from '../../local/card-reader/pki/trust-entries.ts';

/** `down` answers nothing; `noise` what is no answer at all. */
export type ResponderMode = AnswerMode | 'down' | 'noise';

export interface RespondersInMemory {
  readonly fetchBounded: FetchBounded;
  readonly asked: string[];
  ocsp: ResponderMode;
  crl: ResponderMode;
}

export const respondersUrl = 'http://127.0.0.1:9';

/** The responders and lists of the demo PKI, without a network. `extra`: further issuers, by the path of their id. */
export function respondersInMemory(
  pki: DemoPki,
  now: () => Date,
  extra: Readonly<Record<string, DemoIssuer>> = {},
): RespondersInMemory {
  const issuers: Record<string, DemoIssuer> = { ...pki.issuers, ...extra };
  const responders: RespondersInMemory = { fetchBounded, asked: [], ocsp: 'ok', crl: 'ok' };
  return responders;

  async function fetchBounded({ url, body }: BoundedRequest): Promise<Uint8Array | undefined> {
    const { pathname } = new URL(url);
    responders.asked.push(pathname);
    const mode = body ? responders.ocsp : responders.crl;
    if (mode === 'down') return undefined;
    if (mode === 'noise') return Buffer.from('<html>');
    const path = body ? ocspPath : crlPath;
    const issuer = Object.entries(issuers).find(([id]) => path(id as IssuerId) === pathname)?.[1];
    if (!issuer) return undefined;
    const options: AnswerOptions = {
      mode,
      now: now(),
      other: pki.issuers[issuer.id === 'accv' ? 'dnie' : 'accv'],
    };
    return body ? answerOcsp(issuer, body.content, options) : currentCrl(issuer, options);
  }
}
