import { startedJourney } from '../../client/activate.ts';
import { bearer } from '../../client/client.ts';
import { journeyClient } from '../../client/journey-client.ts';
import { Difference, type Walker } from './walker.ts';

/** What the pages and the card reader of a service have. */
export interface CertificateAccess {
  readonly frontEndKey: string;
  /** The origin of the citizens' pages, to which the listener sends the browser back. */
  readonly portalUrl: string;
  readonly cardReaderUrl: string;
}

/** The holder of the card reader's DNIe and FNMT cards. */
export const cardHolder = { email: 'lucia@example.org', phone: '+34600000078', pin: '1234' } as const;
const { email, phone, pin } = cardHolder;

/**
 * A person without an office: registers with a certificate of the FNMT, activates, signs in with the card, and renews the
 * five years, which only the DNIe does. Every card is presented in a real TLS handshake.
 */
export async function certificateLife(walker: Walker, access: CertificateAccess): Promise<void> {
  const { api } = walker;
  const identify = async (card: string) => {
    const ticket = await walker.expect(
      'visit begun',
      api.POST('/certificate-tickets', {
        body: { returnUrl: `${access.portalUrl}/en/certificate`, purpose: 'act' },
        headers: { 'X-Front-End-Key': access.frontEndKey },
      }),
      { status: 201 },
    );
    const code = await presentCard(access.cardReaderUrl, ticket.url, card);
    walker.say(`    card: ${card}`);
    return walker.expect(
      'certificate redeemed',
      api.POST('/certificate-tickets/{id}/redemptions', {
        params: { path: { id: ticket.id } },
        body: { code },
        headers: bearer(ticket.token),
      }),
      { status: 201 },
    );
  };

  walker.say('— Registration with a certificate');
  const first = await identify('fnmt');
  const { nationalId } = first.identity;
  const started = await walker.expect(
    'registration asked for',
    api.POST('/registrations/online', {
      body: { email, phone, language: 'en', accepted: true },
      headers: bearer(first.certificateToken),
    }),
    { status: 201, 'journey.kind': 'registration', 'journey.step': 'otp' },
  );
  const registration = startedJourney(started);
  const registered = await walker.expect(
    'SMS code entered',
    journeyClient(api, registration).submitOtp(await walker.readSms(/register/i)),
    { status: 200, 'journey.outcome': 'registered' },
  );
  const { activationCode, receipt } = registered.journey;
  if (!activationCode || !receipt) throw new Difference('no activation code, or no receipt');
  await walker.readSms(/registered online/i);
  await walker.expect(
    'receipt read',
    api.GET('/receipts/{id}', {
      params: { path: { id: receipt.id } },
      headers: bearer(registration.token),
      parseAs: 'text',
    }),
    { status: 200 },
  );

  walker.say('— Activation with the code of the certificate');
  const activation = startedJourney(
    await walker.expect(
      'code entered',
      api.POST('/activations', { body: { nationalId, email, activationCode } }),
      { status: 201 },
    ),
  );
  const journey = journeyClient(api, activation);
  await walker.expect('SMS code entered', journey.submitOtp(await walker.readSms(/activate/i)), {
    status: 200,
    'journey.step': 'password',
  });
  await walker.expect('password set', journey.setPassword('Tarjeta-en-el-lector-1!'), {
    status: 200,
    'journey.outcome': 'activated',
  });
  await walker.readSms(/password has been set/);

  walker.say('— The five years');
  const renew = (token: string) => api.POST('/identification-renewals', { body: {}, headers: bearer(token) });
  await walker.expectProblem('not with this certificate', renew((await identify('fnmt')).certificateToken), {
    status: 403,
    code: 'dnie-needed',
  });
  await walker.expect('with the DNIe', renew((await identify('dnie')).certificateToken), {
    status: 201,
    'lastStrongIdentification.by': 'dnie',
  });
  await walker.readSms(/five years/i);

  walker.say('— Sign-in with a card');
  const session = await walker.expect(
    'signed in',
    api.POST('/sessions/certificate', {
      body: {},
      headers: bearer((await identify('dnie')).certificateToken),
    }),
    { status: 201, 'session.assurance': 'high' },
  );
  await walker.expect('who am I', api.GET('/sessions/current', { headers: bearer(session.session.token) }), {
    status: 200,
    'citizen.lastStrongIdentification.by': 'dnie',
  });
}

/** Inserts a card for a visit. @returns the single-use code with which the browser comes back. @throws Difference */
async function presentCard(cardReaderUrl: string, url: string, card: string): Promise<string> {
  const response = await fetch(`${cardReaderUrl}/presentations`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ url, card, pin }),
  });
  const { location = '' } = (await response.json()) as { location?: string };
  const code = URL.canParse(location) ? new URL(location).searchParams.get('code') : null;
  if (!code) throw new Difference(`the card ${card} was not accepted: ${location}`);
  return code;
}
