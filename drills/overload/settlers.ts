import { setTimeout as sleep } from 'node:timers/promises';
import type { Service } from '../../local/walk/service.ts';
import { goodPassword, wrongCode } from '../../test/actors/credentials.ts';
import { newPersonalData } from '../../test/actors/personal-data.ts';

/** Somebody who has activated a password, in a service that is a process of its own. */
export interface Citizen {
  readonly nationalId: string;
  readonly email: string;
  readonly phone: string;
  readonly activationCode: string;
}

/** Calls a service. @throws Error unless it succeeds */
export async function post(
  { api }: Service,
  path: string,
  token: string,
  body: object,
  // biome-ignore lint/suspicious/noExplicitAny: as in `Reply`
): Promise<any> {
  const reply = await fetch(api + path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...(token && { Authorization: `Bearer ${token}` }) },
    body: JSON.stringify(body),
  });
  const said = await reply.json();
  if (!reply.ok) throw new Error(`${path}: ${JSON.stringify(said)}`);
  return said;
}

/** Somebody whom nobody has registered. */
export const stranger = (): Citizen => ({ ...newPersonalData(), activationCode: wrongCode });

/** Somebody who has been registered. */
export const register = async (service: Service): Promise<Citizen> => {
  const data = newPersonalData();
  const { activationCode } = await post(service, '/registrations', service.officeKey, data);
  return { ...data, activationCode };
};

/** Registers so many, who each choose the good password. */
export function settle(service: Service, count: number): Promise<Citizen[]> {
  return Promise.all(Array.from({ length: count }, async () => activate(service, await register(service))));
}

async function activate(service: Service, citizen: Citizen): Promise<Citizen> {
  const { nationalId, email, activationCode } = citizen;
  const { journey, token } = await post(service, '/activations', '', { nationalId, email, activationCode });
  const otp = await smsCode(service, citizen);
  await post(service, `/journeys/${journey.id}/otp`, token, { otp });
  await post(service, `/journeys/${journey.id}/password`, token, { password: goodPassword });
  return citizen;
}

/** The digits of the `number`th SMS code of a phone, once it is there. @throws Error after twenty seconds */
export async function smsCode({ phone }: Service, citizen: Citizen, number = 1): Promise<string> {
  for (const end = Date.now() + 20_000; Date.now() < end; await sleep(100)) {
    const reply = await fetch(`${phone}/messages.json?to=${encodeURIComponent(citizen.phone)}`);
    const { messages } = (await reply.json()) as { messages: { body: string }[] };
    const codes = messages.flatMap(({ body }) => /\b\d{6}\b/.exec(body)?.[0] ?? []);
    const code = codes[number - 1];
    if (code) return code;
  }
  throw new Error('no code came');
}
