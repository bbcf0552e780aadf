import type { CertificateRefusal } from '../../domain/certificates/certificate-refusals.ts';
import type { CertificateProfile } from '../../domain/certificates/profiles.ts';
import type { HttpReply } from '../environment/http.ts';
import type { Stack } from '../environment/stack.ts';
import { anyCertificate } from './any-certificate.ts';
import { asGateway } from './relying-parties.ts';
import { requestWithRetry } from './request.ts';

type Headers_ = Readonly<Record<string, string>>;

/** A ticket, as its front-end holds it. */
export interface Ticket {
  readonly id: string;
  readonly token: string;
  readonly url: string;
  readonly olderCardUrl: string;
}

/** The headers with which the pages and the certificate listener call. */
export const asPortal = ({ frontEndKey }: Pick<Stack, 'frontEndKey'>): Headers_ => ({
  'X-Front-End-Key': frontEndKey,
});
export const asListener = ({ certificateKey }: Pick<Stack, 'certificateKey'>): Headers_ => ({
  'X-Certificate-Key': certificateKey,
});

/** Where the pages and the gateway of the test service would be. */
export const portalReturnUrl = 'http://localhost:3002/es/certificate';
const gatewayReturnUrl = 'http://localhost:3004/certificate';

/** One attempt to get a ticket: of the pages for an act, of the gateway for an identification. */
export const requestTicket = (
  stack: Stack,
  {
    purpose = 'act',
    returnUrl = purpose === 'act' ? portalReturnUrl : gatewayReturnUrl,
    headers = {},
  }: { returnUrl?: string; purpose?: string; headers?: Headers_ } = {},
): Promise<HttpReply> =>
  requestWithRetry(stack, 'POST', '/certificate-tickets', {
    body: { returnUrl, purpose },
    headers: { ...(purpose === 'act' ? asPortal(stack) : asGateway(stack)), ...headers },
  });

/** A ticket of the pages. */
export async function issueTicket(stack: Stack, purpose: 'act' | 'identification' = 'act'): Promise<Ticket> {
  const { status, body } = await requestTicket(stack, { purpose });
  if (status !== 201) throw new Error(`no ticket: ${JSON.stringify(body)}`);
  return body;
}

/** Begins a presentation, which counts against the ticket. */
export const beginPresentation = (
  stack: Stack,
  id: string,
  headers: Headers_ = asListener(stack),
): Promise<HttpReply> =>
  requestWithRetry(stack, 'POST', `/certificate-tickets/${id}/presentations`, { headers });

/** What the listener has verified of a certificate, for `present`. */
export const certifiedAs = (
  { nationalId, givenName = 'Ana', firstSurname = 'Pi', secondSurname }: Holder,
  profile: CertificateProfile = 'fnmt-natural-person',
) => ({
  profile,
  identity: { nationalId, givenName, firstSurname, ...(secondSurname !== undefined && { secondSurname }) },
  notAfter: new Date(Date.now() + 365 * 86_400_000).toISOString(),
  certificates: [anyCertificate],
  revocation: { kind: 'ocsp', answer: Buffer.from('an answer').toString('base64') },
});
type Holder = { readonly nationalId: string } & Readonly<Record<string, unknown>>;

type Outcome = { accepted: ReturnType<typeof certifiedAs> } | { refused: CertificateRefusal };

/** Reports the outcome of a presentation, as the listener does. */
export const reportOutcome = (
  stack: Stack,
  ticket: string,
  outcome: Outcome,
  headers: Headers_ = {},
): Promise<HttpReply> =>
  requestWithRetry(stack, 'POST', '/certificate-presentations', {
    body: { ticket, ...outcome },
    headers: { ...asListener(stack), ...headers },
  });

/** One presentation from begin to end, as the listener calls. Returns the answer with which it ends. */
export async function present(stack: Stack, ticket: string, outcome: Outcome): Promise<HttpReply> {
  const begun = await beginPresentation(stack, ticket);
  return begun.status === 201 ? reportOutcome(stack, ticket, outcome) : begun;
}

/** The code with which the browser comes back once the certificate of this person was accepted. */
export async function acceptedCode(
  stack: Stack,
  { id }: Pick<Ticket, 'id'>,
  holder: Holder,
  profile?: CertificateProfile,
): Promise<string> {
  const { body } = await present(stack, id, { accepted: certifiedAs(holder, profile) });
  return codeIn(body.location);
}

/** The code in the address to which the listener sends the browser. @throws Error if there is none */
export function codeIn(location: string): string {
  const code = new URL(location).searchParams.get('code');
  if (!code) throw new Error(`not accepted: ${location}`);
  return code;
}

export const redeem = (
  stack: Stack,
  { id, token }: Pick<Ticket, 'id' | 'token'>,
  code: string | undefined,
  headers: Headers_ = {},
): Promise<HttpReply> =>
  requestWithRetry(stack, 'POST', `/certificate-tickets/${id}/redemptions`, {
    body: code === undefined ? {} : { code },
    token,
    headers,
  });

/** A certificate token of this person, without a listener: ticket, presentation and redemption by the API alone. */
export async function certificateToken(
  stack: Stack,
  holder: Holder,
  { profile, purpose = 'act' }: { profile?: CertificateProfile; purpose?: 'act' | 'identification' } = {},
): Promise<string> {
  const ticket = await issueTicket(stack, purpose);
  const { body } = await redeem(stack, ticket, await acceptedCode(stack, ticket, holder, profile));
  if (!body.certificateToken) throw new Error(`not redeemed: ${JSON.stringify(body)}`);
  return body.certificateToken;
}
