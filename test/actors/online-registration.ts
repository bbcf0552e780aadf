import type { CertificateProfile } from '../../domain/certificates/profiles.ts';
import type { HttpReply } from '../environment/http.ts';
import type { Stack } from '../environment/stack.ts';
import { certificateToken } from './certificate-holder.ts';
import type { Citizen } from './citizen.ts';
import { expectStartedJourney, type Journey } from './journey.ts';
import { requestWithRetry } from './request.ts';

type Headers_ = Readonly<Record<string, string>>;
interface OnlineOptions {
  readonly profile?: CertificateProfile;
  /** A certificate token; without, a new one. */
  readonly token?: string;
  readonly body?: Readonly<Record<string, unknown>>;
  readonly headers?: Headers_;
}

/** One attempt to register online with the data of this citizen. */
export async function tryRegisterOnline(
  stack: Stack,
  { data }: Citizen,
  { profile = 'dnie', token, body, headers = {} }: OnlineOptions = {},
): Promise<HttpReply> {
  const { email, phone, language } = data;
  return requestWithRetry(stack, 'POST', '/registrations/online', {
    body: { email, phone, language, accepted: true, ...body },
    token: token ?? (await certificateToken(stack, data, { profile })),
    headers,
  });
}

/** A registration online that waits for its SMS code. */
export const startOnline = (stack: Stack, citizen: Citizen, options: OnlineOptions = {}): Promise<Journey> =>
  expectStartedJourney(stack, tryRegisterOnline(stack, citizen, options));

/** Registers online to the end; the citizen knows the activation code then. @throws Error if it is refused */
export async function registerOnline(
  stack: Stack,
  citizen: Citizen,
  options: OnlineOptions = {},
): Promise<Citizen> {
  const journey = await startOnline(stack, citizen, options);
  const reply = await journey.enterOtp(await journey.otp());
  if (reply.status !== 200) throw new Error(`not registered online: ${JSON.stringify(reply.body)}`);
  citizen.activationCode = reply.body.journey.activationCode;
  const { nationalId } = citizen.data;
  citizen.citizenId = (await stack.db.prisma.citizen.findUniqueOrThrow({ where: { nationalId } })).id;
  return citizen;
}

/** Renews the five years with a certificate. */
export const renewWith = async (
  stack: Stack,
  { data }: Citizen,
  profile: CertificateProfile = 'dnie',
  headers: Headers_ = {},
): Promise<HttpReply> =>
  requestWithRetry(stack, 'POST', '/identification-renewals', {
    body: {},
    token: await certificateToken(stack, data, { profile }),
    headers,
  });

/** Regenerates the activation code with a certificate. */
export const regenerateWith = async (
  stack: Stack,
  { data }: Citizen,
  profile: CertificateProfile = 'fnmt-natural-person',
): Promise<HttpReply> =>
  requestWithRetry(stack, 'POST', '/activation-codes', {
    body: {},
    token: await certificateToken(stack, data, { profile }),
  });
