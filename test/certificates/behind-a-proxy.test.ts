import { once } from 'node:events';
import { request } from 'node:http';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { hopKeyHeader } from '../../certificates/listener/proxy-header.ts';
import { codeIn, issueTicket, redeem, type Ticket } from '../actors/certificates.ts';
import {
  type CertificatesInProcess,
  startCertificatesInProcess,
} from '../environment/certificates-in-process.ts';
import { type Stack, startStack } from '../environment/stack.ts';

const hopKey = 'h'.repeat(24);
let stack: Stack;
let certificates: CertificatesInProcess;
beforeAll(async () => {
  stack = await startStack();
  certificates = await startCertificatesInProcess(
    { apiUrl: stack.url, certificateKey: stack.certificateKey },
    { CERTIFICATE_HEADER: 'rfc9440', CERTIFICATE_HOP_KEY: hopKey },
  );
});
afterAll(async () => {
  await certificates?.stop();
  await stack.stop();
});

const locationOf = async ({ id }: Ticket, headers: Record<string, string>): Promise<string> => {
  const { port } = new URL(certificates.settings.CERTIFICATE_URL);
  const asked = request({ host: '127.0.0.1', port, path: `/?ticket=${id}`, headers });
  asked.end();
  const [response] = await once(asked, 'response');
  response.resume();
  return String(response.headers.location);
};

test('a certificate that a proxy passes on is one with the hop key, and none without it', async () => {
  const dnie = certificates.pki.cards.find(({ id }) => id === 'dnie');
  const header = { 'Client-Cert': `:${dnie?.certificate.toString('base64')}:` };
  const ticket = await issueTicket(stack);
  expect(await locationOf(ticket, header)).toMatch(/problem=none-sent$/);
  expect(await locationOf(ticket, { ...header, [hopKeyHeader]: 'x'.repeat(24) })).toMatch(
    /problem=none-sent$/,
  );
  const location = await locationOf(ticket, { ...header, [hopKeyHeader]: hopKey });
  expect((await redeem(stack, ticket, codeIn(location))).body.profile).toBe('dnie');
});
