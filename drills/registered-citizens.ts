import { type ActivationData, activate } from '../client/activate.ts';
import { bearer, createApiClient, expectStatus } from '../client/client.ts';
import type { Service } from '../local/fleet/npm-start.ts';
import { waitForOtp } from '../local/phone/phone-client.ts';
import { goodPassword, somebody, wrongCode } from '../test/actors/front-end.ts';

/** A citizen of a service in other processes, with what an activation needs. */
export interface Citizen extends ActivationData {
  readonly phone: string;
}

const data = () => somebody() as ReturnType<typeof somebody> & { givenName: string; firstSurname: string };

/** A citizen who is not registered. */
export const unknownCitizen = (): Citizen => {
  const { nationalId, email, phone } = data();
  return { nationalId, email, phone, activationCode: wrongCode };
};

/** A registration act. @throws UnexpectedStatus */
export async function register({ url, officeKey }: Service): Promise<Citizen> {
  const { nationalId, givenName, firstSurname, email, phone } = data();
  const body = { nationalId, givenName, firstSurname, email, phone };
  const registered = createApiClient({ url }).POST('/registrations', { body, headers: bearer(officeKey) });
  const { activationCode } = await expectStatus(201, registered);
  return { nationalId, email, phone, activationCode };
}

/** Registers `count` citizens, who each set `goodPassword`. @throws UnexpectedStatus */
export const registerActive = (service: Service, count: number): Promise<Citizen[]> =>
  Promise.all(
    Array.from({ length: count }, async () => {
      const citizen = await register(service);
      const api = createApiClient({ url: service.url });
      await activate(api, citizen, goodPassword, () => waitForOtp(service.phoneUrl, citizen.phone));
      return citizen;
    }),
  );
