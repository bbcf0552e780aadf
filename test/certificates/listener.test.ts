import { once } from 'node:events';
import { connect, type TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { cardChainPem } from '../../local/card-reader/pki/card-files.ts';
import type { CardId } from '../../local/card-reader/pki/cards.ts';
import { issuerIds } from '../../local/card-reader/pki/demo-pki.ts';
import { certificatePem } from '../../local/card-reader/pki/issue-certificate.ts';
import {
  certificatesOf,
  insertCard,
  locationAfter,
  setResponder,
  visitWithoutCard,
} from '../actors/cards.ts';
import { codeIn, issueTicket, portalReturnUrl, redeem } from '../actors/certificates.ts';
import { type Stack, startStack } from '../environment/stack.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ certificates: true });
});
afterEach(async () => {
  for (const issuer of issuerIds) await setResponder(stack, issuer, 'ok');
});
afterAll(() => stack.stop());

const problemAfter = async (card: CardId): Promise<string | null> => {
  const ticket = await issueTicket(stack);
  const location = await locationAfter(stack, ticket.url, card);
  const { body } = await redeem(stack, ticket, undefined);
  const told = new URL(location).searchParams.get('problem');
  expect([body.code, body.reason]).toEqual(['certificate-refused', told]);
  return told;
};

describe('a card, over TLS', () => {
  test.each([
    ['dnie', 'dnie', true],
    ['fnmt', 'fnmt-natural-person', false],
    ['accv', 'accv-citizen', false],
    ['somebody-else', 'dnie', true],
  ] as const)('%s is redeemed for its holder, as %s', async (id, profile, strong) => {
    const card = certificatesOf(stack).pki.cards.find((each) => each.id === id);
    const ticket = await issueTicket(stack);
    const location = await locationAfter(stack, ticket.url, id);
    expect(location).toMatch(`${portalReturnUrl}?ticket=${ticket.id}&code=`);
    const { status, body } = await redeem(stack, ticket, codeIn(location));
    expect([status, body]).toMatchObject([
      201,
      { profile, strong, registered: false, identity: { nationalId: card?.holder.nationalId } },
    ]);
  });

  test.each([
    ['representative', 'not-a-natural-person'],
    ['expired', 'expired'],
    ['not-yet-valid', 'not-yet-valid'],
    ['revoked', 'revoked'],
    ['revoked-in-list', 'revoked'],
  ] as const)('%s comes back as %s, which its ticket is told too', async (card, reason) => {
    expect(await problemAfter(card)).toBe(reason);
  });

  test('that can sign by PKCS#1 v1.5 only sends nothing by TLS 1.3, and is accepted at the listener for older cards', async () => {
    const ticket = await issueTicket(stack);
    expect(await locationAfter(stack, ticket.url, 'old-dnie')).toMatch(/&problem=none-sent$/);
    const location = await locationAfter(stack, ticket.olderCardUrl, 'old-dnie');
    expect((await redeem(stack, ticket, codeIn(location))).body.profile).toBe('dnie');
  });

  test('has three tries for its PIN', async () => {
    const { url } = await issueTicket(stack);
    const wrong = () => insertCard(stack, url, 'accv', '0000');
    expect(await wrong()).toEqual({ status: 409, body: { code: 'pin-wrong', left: 2 } });
    expect(await wrong()).toEqual({ status: 409, body: { code: 'pin-wrong', left: 1 } });
    const blocked = { status: 409, body: { code: 'card-blocked' } };
    expect(await wrong()).toEqual(blocked);
    expect(await insertCard(stack, url, 'accv')).toEqual(blocked);
    await fetch(`${certificatesOf(stack).cardReaderUrl}/unblock`, { method: 'POST', redirect: 'manual' });
  });
});

/** How many certificates have been verified. */
async function presented(): Promise<number> {
  const { registry } = certificatesOf(stack).metrics;
  const counter = await registry.getSingleMetric('clave_certificates_presented_total')?.get();
  return (counter?.values ?? []).reduce((sum, { value }) => sum + value, 0);
}

describe('the listener', () => {
  test('looks at the ticket before the certificate: of an unknown one nothing is verified', async () => {
    const before = await presented();
    const { origin } = new URL((await issueTicket(stack)).url);
    for (const query of ['', '?ticket=', `?ticket=${'a'.repeat(22)}`, `?ticket=${'a'.repeat(22)}&ticket=b`])
      expect([query, (await visitWithoutCard(stack, `${origin}/${query}`)).status]).toEqual([query, 404]);
    expect(await presented()).toBe(before);
  });

  test('takes five certificates for a ticket, and shows a page for the sixth', async () => {
    const { url } = await issueTicket(stack);
    for (let tried = 0; tried < 5; tried += 1)
      expect(await locationAfter(stack, url, 'expired')).toMatch(/problem=expired$/);
    expect(await insertCard(stack, url, 'dnie')).toEqual({ status: 502, body: { code: 'not-presented' } });
    const { status, html } = await visitWithoutCard(stack, url, { 'Accept-Language': 'en' });
    expect([status, html]).toEqual([410, expect.stringContaining('has ended')]);
  });

  test('verifies five for a ticket, also of twelve at once', async () => {
    const { url } = await issueTicket(stack);
    const before = await presented();
    await Promise.all(Array.from({ length: 12 }, () => insertCard(stack, url, 'expired')));
    // A beginning whose answer is lost on a busy machine is counted, and verifies nothing.
    expect((await presented()) - before).toBeLessThanOrEqual(5);
  });

  test('takes a certificate from the handshake only: a header says nothing', async () => {
    const { url } = await issueTicket(stack);
    const card = certificatesOf(stack).pki.cards[0];
    const header = `:${card?.certificate.toString('base64')}:`;
    const { location } = await visitWithoutCard(stack, url, { 'Client-Cert': header });
    expect(location).toMatch(/problem=none-sent$/);
  });

  test.each(['TLSv1.2', 'TLSv1.3'] as const)(
    'lets no session of %s be resumed: without a certificate of its own a connection has none',
    async (maxVersion) => {
      const ticket = await issueTicket(stack);
      const first = await handshake(ticket.url, { maxVersion, withCard: true });
      const sessions: Buffer[] = [];
      first.on('session', (session) => sessions.push(session));
      expect(await answerOn(first, ticket.url)).toMatch(/Location: \S+code=/i);
      const session = sessions[0] ?? first.getSession();
      const again = await issueTicket(stack);
      const second = await handshake(again.url, { maxVersion, session });
      expect(second.isSessionReused()).toBe(false);
      expect(await answerOn(second, again.url)).toMatch(/Location: \S+problem=none-sent/i);
    },
  );

  test.each(['stale', 'other-serial', 'other-issuer', 'huge', 'down'])(
    'does not rely on a responder that is %s: revocation-unknown',
    async (mode) => {
      await setResponder(stack, 'fnmt', mode);
      expect(await problemAfter('fnmt')).toBe('revocation-unknown');
    },
  );

  test('waits for a responder that hangs no longer than seconds', async () => {
    await setResponder(stack, 'fnmt', 'hang');
    const startedAt = performance.now();
    expect(await problemAfter('fnmt')).toBe('revocation-unknown');
    expect(performance.now() - startedAt).toBeLessThan(25_000);
  }, 60_000);

  test('logs nothing of a visit: no ticket, code, name, number or certificate', async () => {
    const ticket = await issueTicket(stack);
    const code = codeIn(await locationAfter(stack, ticket.url, 'dnie'));
    const { log, pki, metrics } = certificatesOf(stack);
    const written = log.join('') + (await metrics.registry.metrics());
    expect(log.join('')).toContain('"route":"/"');
    const { givenName, firstSurname, nationalId } = pki.cards[0]?.holder ?? { givenName: '?' };
    const serial = pki.cards[0]?.serial;
    for (const datum of [ticket.id, ticket.token, code, givenName, firstSurname, nationalId, serial])
      expect(written).not.toContain(datum);
  });
});

async function handshake(
  address: string,
  {
    maxVersion,
    withCard = false,
    session,
  }: { maxVersion: 'TLSv1.2' | 'TLSv1.3'; withCard?: boolean; session?: Buffer | undefined },
): Promise<TLSSocket> {
  const { hostname, port } = new URL(address);
  const { server, cards } = certificatesOf(stack).pki;
  const [card] = cards;
  const socket = connect({
    ...{ host: '127.0.0.1', port: Number(port), servername: hostname, maxVersion },
    ca: certificatePem(server.root.certificate),
    ...(withCard &&
      card && {
        cert: cardChainPem(card),
        key: card.privateKey.export({ type: 'pkcs8', format: 'pem' }),
      }),
    ...(session && { session }),
  });
  await once(socket, 'secureConnect');
  return socket;
}

async function answerOn(socket: TLSSocket, address: string): Promise<string> {
  const { pathname, search, host } = new URL(address);
  socket.write(`GET ${pathname}${search} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
  let said = '';
  for await (const chunk of socket) said += chunk;
  return said;
}
