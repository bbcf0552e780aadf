import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { certificateVisits } from '../../domain/limits.ts';
import {
  acceptedCode,
  asListener,
  beginPresentation,
  certifiedAs,
  codeIn,
  issueTicket,
  portalReturnUrl,
  present,
  redeem,
  reportOutcome,
} from '../actors/certificates.ts';
import { Citizen } from '../actors/citizen.ts';
import { newPersonalData } from '../actors/personal-data.ts';
import { asGateway } from '../actors/relying-parties.ts';
import { queryAsOwner } from '../database/rows.ts';
import { requestOnce } from '../environment/http.ts';
import { MovableClock } from '../environment/movable-clock.ts';
import { type Stack, startStack } from '../environment/stack.ts';

const clock = new MovableClock();
let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ clock });
});
afterAll(() => stack.stop());

const skip = (minutes: number) => clock.advance(minutes * 60_000);
const auditedOf = (ticket: string) =>
  queryAsOwner<{ type: string; detail: Record<string, unknown>; citizenId: string | null }>(
    stack,
    `SELECT event.type, event.detail, event."citizenId" FROM "AuditEvent" event
     JOIN "CertificateIdentification" identification ON event.id LIKE identification.id || '/%'
     WHERE identification."ticketId" = $1`,
    [ticket],
  );

describe('a ticket', () => {
  test('is for a front-end with its key, which returns to its own page and nowhere else', async () => {
    const permitted = async (returnUrl: string, headers: Record<string, string>, purpose = 'act') => {
      const { status, body } = await requestOnce(stack, 'POST', '/certificate-tickets', {
        body: { returnUrl, purpose },
        headers,
      });
      return status === 400 ? body.errors[0].code : status;
    };
    const portal = { 'X-Front-End-Key': stack.frontEndKey };
    const gateway = asGateway(stack);
    expect(await permitted(portalReturnUrl, portal)).toBe(201);
    expect(await permitted('http://localhost:3002/ca-valencia/certificate', portal)).toBe(201);
    const gatewayUrl = 'http://localhost:3004/certificate';
    expect(await permitted(gatewayUrl, gateway, 'identification')).toBe(201);
    // Whatever the gateway does, what is shown to it opens no act; and the pages identify to nobody.
    expect(await permitted(gatewayUrl, gateway, 'act')).toBe('not-permitted');
    expect(await permitted(portalReturnUrl, portal, 'identification')).toBe('not-permitted');
    for (const [returnUrl, headers] of [
      [portalReturnUrl, gateway],
      ['http://localhost:3004/certificate', portal],
      ['http://localhost:3002/certificate', portal],
      [`${portalReturnUrl}/`, portal],
      [`${portalReturnUrl}?next=//evil.example`, portal],
      ['http://localhost:3002/fr/certificate', portal],
      ['http://localhost:3002@evil.example/es/certificate', portal],
      ['https://evil.example/es/certificate', portal],
    ] as const)
      expect([returnUrl, await permitted(returnUrl, headers)]).toEqual([returnUrl, 'not-permitted']);
    for (const headers of [{}, { 'X-Front-End-Key': 'x'.repeat(48) }, asListener(stack)])
      expect(await permitted(portalReturnUrl, headers)).toBe(403);
  });

  test('leads to a host name of its own at both listeners', async () => {
    const [first, second] = [await issueTicket(stack), await issueTicket(stack)];
    for (const [url, port] of [
      [first.url, '3443'],
      [first.olderCardUrl, '3444'],
    ] as const) {
      const parsed = new URL(url);
      expect([parsed.port, parsed.searchParams.get('ticket')]).toEqual([port, first.id]);
      expect(parsed.hostname).toMatch(/^[0-9a-f]{20}\.identidad\.localhost$/);
    }
    expect(new URL(second.url).hostname).not.toBe(new URL(first.url).hostname);
  });

  test('is presented for, and told of, by the certificate listener only', async () => {
    const { id } = await issueTicket(stack);
    for (const headers of [{}, asGateway(stack), { 'X-Front-End-Key': stack.frontEndKey }]) {
      const answers = [
        await beginPresentation(stack, id, headers),
        await requestOnce(stack, 'POST', '/certificate-presentations', {
          body: { ticket: id, refused: 'expired' },
          headers,
        }),
      ];
      for (const { status, body } of answers) expect([status, body.code]).toEqual([403, 'service-only']);
    }
    expect((await beginPresentation(stack, id)).status).toBe(201);
  });

  test('ends after ten minutes, after five certificates, and with the first that is accepted', async () => {
    const ended = { status: 410, body: { code: 'certificate-visit-ended' } };
    const refusedAll = await issueTicket(stack);
    // Without one that was begun there is nothing to tell.
    expect(await reportOutcome(stack, refusedAll.id, { refused: 'expired' })).toMatchObject(ended);
    const begun = await Promise.all(
      Array.from({ length: 16 }, () => beginPresentation(stack, refusedAll.id)),
    );
    expect(begun.filter(({ status }) => status === 201)).toHaveLength(certificateVisits.presentations);
    expect(begun.filter(({ status }) => status === 410)).toHaveLength(16 - certificateVisits.presentations);
    expect((await reportOutcome(stack, refusedAll.id, { refused: 'expired' })).status).toBe(200);
    expect(await beginPresentation(stack, refusedAll.id)).toMatchObject(ended);

    const accepted = await issueTicket(stack);
    await acceptedCode(stack, accepted, newPersonalData());
    expect(await beginPresentation(stack, accepted.id)).toMatchObject(ended);
    const another = await reportOutcome(stack, accepted.id, { accepted: certifiedAs(newPersonalData()) });
    expect(another).toMatchObject(ended);

    const old = await issueTicket(stack);
    skip(10);
    expect(await beginPresentation(stack, old.id)).toMatchObject(ended);
    expect(await reportOutcome(stack, old.id, { refused: 'expired' })).toMatchObject(ended);
  });
});

describe('a presented certificate', () => {
  test('that is refused sends the browser back with the reason, which the ticket’s token is told too', async () => {
    const ticket = await issueTicket(stack);
    expect(await redeem(stack, ticket, undefined)).toMatchObject({
      status: 422,
      body: { code: 'certificate-refused', reason: 'none-sent' },
    });
    const { body } = await present(stack, ticket.id, { refused: 'revoked' });
    expect(body.location).toBe(`${portalReturnUrl}?ticket=${ticket.id}&problem=revoked`);
    expect(await redeem(stack, ticket, undefined)).toMatchObject({
      status: 422,
      body: { code: 'certificate-refused', reason: 'revoked' },
    });
    expect(await stack.db.prisma.certificateIdentification.count({ where: { ticketId: ticket.id } })).toBe(0);
  });

  test('that is accepted is redeemed for who its holder is, registered or not, and how strong it is', async () => {
    const citizen = await new Citizen(stack).register();
    const ticket = await issueTicket(stack);
    const { status, body } = await redeem(
      stack,
      ticket,
      await acceptedCode(stack, ticket, citizen.data, 'dnie'),
    );
    expect([status, body]).toEqual([
      201,
      {
        certificateToken: expect.stringMatching(/^[\w-]{43}$/),
        expiresAt: expect.any(String),
        identity: {
          nationalId: citizen.data.nationalId,
          ...{ givenName: 'Begoña', firstSurname: 'Etxeberria', secondSurname: 'Núñez' },
        },
        profile: 'dnie',
        ...{ strong: true, registered: true },
      },
    ]);
    const leftMs = Date.parse(body.expiresAt) - clock.now();
    expect(leftMs > 9 * 60_000 && leftMs <= 10 * 60_000).toBe(true);
    const stranger = await issueTicket(stack);
    const data = newPersonalData({ secondSurname: undefined });
    const ofStranger = await redeem(stack, stranger, await acceptedCode(stack, stranger, data));
    expect(ofStranger.body).toMatchObject({
      profile: 'fnmt-natural-person',
      ...{ strong: false, registered: false },
    });
    expect(await auditedOf(ticket.id)).toMatchObject([
      { type: 'certificate-accepted', detail: { profile: 'dnie' }, citizenId: citizen.citizenId },
    ]);
    const [told] = await auditedOf(stranger.id);
    expect(told).toMatchObject({
      citizenId: null,
      detail: { person: expect.stringMatching(/^k1\.[\w-]{43}$/) },
    });
    expect(JSON.stringify(told)).not.toContain(data.nationalId);
  });

  test('is either accepted or refused, not both and not neither', async () => {
    const { id: ticket } = await issueTicket(stack);
    const accepted = certifiedAs(newPersonalData());
    for (const body of [{ ticket }, { ticket, accepted, refused: 'expired' }])
      expect(
        await requestOnce(stack, 'POST', '/certificate-presentations', { body, headers: asListener(stack) }),
      ).toMatchObject({ status: 400, body: { errors: [{ pointer: '/refused', code: 'required' }] } });
  });

  test('may come with a chain and an answer that are longer than other bodies, from the listener only', async () => {
    const { id } = await issueTicket(stack);
    const long = Buffer.alloc(40_000, 'a').toString('base64');
    const accepted = { ...certifiedAs(newPersonalData()), revocation: { kind: 'ocsp', answer: long } };
    const body = { ticket: id, accepted };
    const stranger = await requestOnce(stack, 'POST', '/certificate-presentations', { body });
    expect(stranger.status).toBe(413);
    expect((await present(stack, id, { accepted })).status).toBe(200);
    const longer = { kind: 'ocsp', answer: Buffer.alloc(900_000, 'a').toString('base64') };
    const refused = await reportOutcome(stack, id, { accepted: { ...accepted, revocation: longer } });
    expect(refused.status).toBe(413);
  });

  test('is nowhere in the database in clear', async () => {
    const ticket = await issueTicket(stack);
    const data = newPersonalData();
    await acceptedCode(stack, ticket, data);
    const [row] = await queryAsOwner(
      stack,
      'SELECT * FROM "CertificateIdentification" WHERE "ticketId" = $1',
      [ticket.id],
    );
    expect(JSON.stringify(row)).not.toMatch(
      new RegExp(`${data.nationalId}|Etxeberria|${btoa('a certificate')}`),
    );
  });
});

describe('a code', () => {
  const accepted = async () => {
    const ticket = await issueTicket(stack);
    return { ticket, code: await acceptedCode(stack, ticket, newPersonalData()) };
  };

  test('is redeemed once, also by 16 at once', async () => {
    const { ticket, code } = await accepted();
    const answers = await Promise.all(Array.from({ length: 16 }, () => redeem(stack, ticket, code)));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array(15).fill(410)]);
    expect((await redeem(stack, ticket, code)).body.code).toBe('certificate-visit-ended');
  });

  test('is worth nothing to another visitor: with the token of another ticket it is not found, and not spent', async () => {
    const { ticket, code } = await accepted();
    const attacker = await issueTicket(stack);
    const other = await accepted();
    for (const [id, token] of [
      [ticket.id, attacker.token],
      [attacker.id, attacker.token],
      [other.ticket.id, other.ticket.token],
    ] as const)
      expect((await redeem(stack, { id, token }, code)).status).toBe(404);
    // At the address of another ticket a token opens not even its own.
    const astray = { id: ticket.id, token: other.ticket.token };
    expect((await redeem(stack, astray, other.code)).status).toBe(404);
    expect((await redeem(stack, { id: ticket.id, token: 'none' }, code)).status).toBe(401);
    expect((await redeem(stack, ticket, code)).status).toBe(201);
  });

  test('is over after two minutes', async () => {
    const { ticket, code } = await accepted();
    skip(2);
    expect((await redeem(stack, ticket, code)).status).toBe(410);
  });

  test('opens nothing beyond the end of the certificate’s validity', async () => {
    const ticket = await issueTicket(stack);
    const notAfter = new Date(clock.now() + 60_000).toISOString();
    const { body } = await present(stack, ticket.id, {
      accepted: { ...certifiedAs(newPersonalData()), notAfter },
    });
    expect((await redeem(stack, ticket, codeIn(body.location))).body.expiresAt).toBe(notAfter);
  });
});
