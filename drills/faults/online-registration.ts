import { bearer } from '../../client/client.ts';
import { redeemedCertificate } from '../../test/actors/certificate-holder.ts';
import type { Citizen } from './citizen.ts';
import { otp, type Step } from './steps.ts';
import { must } from './violation.ts';

const tokens = new WeakMap<Citizen, string>();

/** A certificate, as the listener would have left it. */
async function identify(citizen: Citizen): Promise<void> {
  const { store, ring } = citizen.environment;
  must(ring !== undefined, 'no secret keys to seal evidence with');
  const { row, token } = redeemedCertificate(ring, citizen.data);
  await store.rows(
    `INSERT INTO "CertificateIdentification"
     SELECT * FROM jsonb_populate_record(NULL::"CertificateIdentification", $1::jsonb)`,
    [JSON.stringify(row)],
  );
  tokens.set(citizen, token);
}

const begin: Step = {
  name: 'begin',
  prepare: identify,
  async act(citizen) {
    const { email, phone, language } = citizen.data;
    const headers = bearer(tokens.get(citizen) ?? '');
    const { body } = await citizen.call(201, (api) =>
      api.POST('/registrations/online', { body: { email, phone, language, accepted: true }, headers }),
    );
    citizen.journeyStarted(body);
    citizen.expectAudit('journey-begun registration');
  },
};

const markRegistered = (citizen: Citizen) =>
  citizen.expectAudit('citizen-registered false dnie', 'notice-sent registered-online');
const enterOtp = otp('registration', 'registered', markRegistered);

/** The SMS code that proves the phone: with it the citizen is there. */
const enterLastOtp: Step = {
  ...enterOtp,
  async act(citizen) {
    await enterOtp.act(citizen);
    const [row] = await citizen.environment.store.rows<{ id: string }>(
      'SELECT id FROM "Citizen" WHERE "nationalId" = $1',
      [citizen.data.nationalId],
    );
    citizen.id = row?.id ?? '';
  },
};

/** From a certificate to an activation code. */
export const onlineRegistration: readonly Step[] = [begin, enterLastOtp];
