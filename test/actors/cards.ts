import { request } from 'node:https';
import { text } from 'node:stream/consumers';
import type { CardId } from '../../local/card-reader/pki/cards.ts';
import { certificatePem } from '../../local/card-reader/pki/issue-certificate.ts';
import type { CertificatesInProcess } from '../environment/certificates-in-process.ts';
import type { Stack } from '../environment/stack.ts';
import { codeIn, issueTicket, redeem } from './certificates.ts';

/** The certificates of a stack that was started with them. @throws Error if it was not */
export function certificatesOf({ certificates }: Stack): CertificatesInProcess {
  if (!certificates) throw new Error('startStack({ certificates: true })');
  return certificates;
}

/** Inserts a card into the card reader, for the visit of this address. */
export async function insertCard(
  stack: Stack,
  url: string,
  card: CardId,
  pin = '1234',
): Promise<{ status: number; body: Record<string, unknown> }> {
  const response = await fetch(`${certificatesOf(stack).cardReaderUrl}/presentations`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ url, card, pin }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

/** Where a card leads the browser. */
export async function locationAfter(stack: Stack, url: string, card: CardId): Promise<string> {
  const { body } = await insertCard(stack, url, card);
  if (typeof body['location'] !== 'string') throw new Error(`no location: ${JSON.stringify(body)}`);
  return body['location'];
}

/** A certificate token by a card, the whole way. */
export async function tokenByCard(
  stack: Stack,
  card: CardId,
  purpose: 'act' | 'identification' = 'act',
): Promise<string> {
  const ticket = await issueTicket(stack, purpose);
  const { body } = await redeem(stack, ticket, codeIn(await locationAfter(stack, ticket.url, card)));
  if (!body.certificateToken) throw new Error(`not redeemed: ${JSON.stringify(body)}`);
  return body.certificateToken;
}

/** Sets how the responder of an issuer answers. */
export const setResponder = (stack: Stack, issuer: string, mode: string): Promise<unknown> =>
  fetch(`${certificatesOf(stack).cardReaderUrl}/responders/${issuer}`, {
    method: 'PUT',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ mode }),
  });

/** A visit by a browser that sends no certificate, with these headers. */
export function visitWithoutCard(
  stack: Stack,
  address: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ status: number; location: string | undefined; html: string }> {
  const url = new URL(address);
  const { server } = certificatesOf(stack).pki;
  return new Promise((resolve, reject) => {
    const asked = request(
      {
        ...{
          host: '127.0.0.1',
          port: url.port,
          servername: url.hostname,
          path: `${url.pathname}${url.search}`,
        },
        ...{
          headers: { Host: url.host, ...headers },
          ca: certificatePem(server.root.certificate),
          agent: false,
        },
      },
      (response) => {
        const { statusCode = 0, headers: answered } = response;
        text(response).then(
          (html) => resolve({ status: statusCode, location: answered.location, html }),
          reject,
        );
      },
    );
    asked.once('error', reject);
    asked.end();
  });
}
