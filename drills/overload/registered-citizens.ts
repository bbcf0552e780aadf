import { type ActivationData, activateOrReset } from '../../client/activate.ts';
import { bearer, createApiClient, expectStatus } from '../../client/client.ts';
import { registerCitizen } from '../../client/register-citizen.ts';
import { checkLetter } from '../../domain/identity/national-id.ts';
import type { NpmService } from '../../local/fleet/npm-start.ts';
import { waitForOtp } from '../../local/phone/phone-client.ts';
import { goodPassword, wrongCode } from '../../test/actors/credentials.ts';

/** A citizen of a service in other processes, with what an activation needs. */
export interface Citizen extends ActivationData {
  readonly phone: string;
}

let count = 0;

const newPersonalData = () => {
  count += 1;
  const number = String(50_000_000 + count);
  return {
    nationalId: `${number}${checkLetter(number)}`,
    givenName: 'Begoña',
    firstSurname: 'Etxeberria',
    email: `drill.${count}@example.org`,
    phone: `+346${String(30_000_000 + count)}`,
    language: 'es' as const,
  };
};

/** A citizen who is not registered. */
export const unknownCitizen = (): Citizen => {
  const { nationalId, email, phone } = newPersonalData();
  return { nationalId, email, phone, activationCode: wrongCode };
};

/** A registration act. @throws UnexpectedStatus */
export async function register({ url, officeKey }: NpmService): Promise<Citizen> {
  const body = newPersonalData();
  const { nationalId, email, phone } = body;
  const registered = registerCitizen(createApiClient({ url }), { body, headers: bearer(officeKey) });
  const { activationCode } = await expectStatus(201, registered);
  return { nationalId, email, phone, activationCode };
}

/** Registers `count` citizens, who each set `goodPassword`. @throws UnexpectedStatus */
export const registerActive = (service: NpmService, count: number): Promise<Citizen[]> =>
  Promise.all(
    Array.from({ length: count }, async () => {
      const citizen = await register(service);
      const api = createApiClient({ url: service.url });
      await activateOrReset(api, citizen, goodPassword, () => waitForOtp(service.phoneUrl, citizen.phone));
      return citizen;
    }),
  );
