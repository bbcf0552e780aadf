import { certificateToken } from '../actors/certificate-holder.ts';
import {
  beginPresentation,
  certifiedAs,
  redeem,
  reportOutcome,
  requestTicket,
} from '../actors/certificates.ts';
import { activeCitizen, Citizen } from '../actors/citizen.ts';
import { goodPassword, otherPassword, wrongCode, wrongPassword } from '../actors/credentials.ts';
import { expectStartedJourney, type Journey } from '../actors/journey.ts';
import { lookUp, regenerateActivationCode, suspend } from '../actors/office.ts';
import { regenerateWith, renewWith, tryRegisterOnline } from '../actors/online-registration.ts';
import { identify, readIdentification, registerParty, signInFor } from '../actors/relying-parties.ts';
import { requestWithRetry } from '../actors/request.ts';
import {
  activity,
  blockPassword,
  changePassword,
  currentSession,
  newSession,
  reportUnrecognisedActivity,
  signIn,
  unsubscribe,
} from '../actors/sessions.ts';
import type { HttpReply } from '../environment/http.ts';
import type { Stack } from '../environment/stack.ts';

/** A citizen in a given state, with the tokens of the journey and the session that led there. */
export interface CitizenInState {
  readonly citizen: Citizen;
  readonly journey?: Journey;
  readonly session?: string;
}

const registered = (stack: Stack): Promise<Citizen> => new Citizen(stack).register();

/** Active and signed in, with the journey that set the password. */
async function signedIn(stack: Stack): Promise<CitizenInState & { session: string }> {
  const citizen = await registered(stack);
  const journey = await citizen.confirmedJourney();
  await journey.setPassword(goodPassword);
  return { citizen, journey, session: await newSession(stack, citizen) };
}

/** Every state that a citizen can be in, and how to come there. */
export const states = {
  unknown: async (stack) => ({ citizen: new Citizen(stack) }),
  registered: async (stack) => ({ citizen: await registered(stack) }),
  'phone-yielded': async (stack) => {
    const citizen = await registered(stack);
    await new Citizen(stack, { phone: citizen.data.phone }).register();
    return { citizen };
  },
  'code-blocked': async (stack) => {
    const citizen = await registered(stack);
    for (let entry = 0; entry < 6; entry += 1)
      await citizen.tryStartActivation({ activationCode: wrongCode });
    return { citizen };
  },
  'otp step': async (stack) => {
    const citizen = await registered(stack);
    const journey = await citizen.startActivation();
    await journey.otp();
    return { citizen, journey };
  },
  'password step': async (stack) => {
    const citizen = await registered(stack);
    return { citizen, journey: await citizen.confirmedJourney() };
  },
  active: async (stack) => {
    const { citizen, journey } = await signedIn(stack);
    return { citizen, ...(journey && { journey }) };
  },
  'signed in': signedIn,
  'change at otp': async (stack) => {
    const citizen = await activeCitizen(stack);
    const session = await newSession(stack, citizen);
    const journey = await expectStartedJourney(
      stack,
      changePassword(stack, session, goodPassword, otherPassword),
    );
    await journey.otp();
    return { citizen, session, journey };
  },
  'password-blocked': async (stack) => {
    const who = await signedIn(stack);
    await blockPassword(stack, who.citizen);
    return who;
  },
  expired: async (stack) => {
    const who = await signedIn(stack);
    const where = { citizenId: who.citizen.citizenId };
    await stack.db.prisma.password.update({ where, data: { expiresAt: new Date() } });
    return who;
  },
  suspended: async (stack) => {
    const who = await signedIn(stack);
    await suspend(stack, who.citizen);
    return who;
  },
  unsubscribed: async (stack) => {
    const { citizen, session } = await signedIn(stack);
    const journey = await expectStartedJourney(stack, unsubscribe(stack, session));
    await journey.enterOtp(await journey.otp());
    return { citizen, session, journey };
  },
} as const satisfies Record<string, (stack: Stack) => Promise<CitizenInState>>;
export type State = keyof typeof states;

const onJourney = (
  stack: Stack,
  { journey }: CitizenInState,
  method: 'GET' | 'POST',
  step: string,
  body?: unknown,
): Promise<HttpReply> =>
  requestWithRetry(stack, method, `/journeys/${journey?.id ?? 'none'}${step}`, {
    body,
    token: journey?.token ?? 'none',
  });

const withCode = (stack: Stack, path: string, { data, activationCode }: Citizen): Promise<HttpReply> => {
  const { nationalId, email } = data;
  const body = { nationalId, email, activationCode: activationCode || wrongCode };
  return requestWithRetry(stack, 'POST', path, { body });
};

const withCertificate = async (
  stack: Stack,
  path: string,
  { data }: Citizen,
  body: unknown = {},
): Promise<HttpReply> =>
  requestWithRetry(stack, 'POST', path, { body, token: await certificateToken(stack, data) });

/** Every call of the API for one citizen, with the right data where the state has any. */
export const calls = {
  'POST /registrations': (stack, { citizen }) =>
    requestWithRetry(stack, 'POST', '/registrations', { body: citizen.data, token: stack.officeKey }),
  'POST /registrations/online': (stack, { citizen }) => tryRegisterOnline(stack, citizen),
  'online with another certificate': (stack, { citizen }) =>
    tryRegisterOnline(stack, citizen, { profile: 'fnmt-natural-person' }),
  'POST /identification-renewals': (stack, { citizen }) => renewWith(stack, citizen),
  'GET /receipts/{id}': (stack, { session }) =>
    requestWithRetry(stack, 'GET', '/receipts/none', { token: session ?? 'none' }),
  'renewal with another certificate': (stack, { citizen }) =>
    renewWith(stack, citizen, 'fnmt-natural-person'),
  'code with a certificate': (stack, { citizen }) => regenerateWith(stack, citizen),
  'POST /activation-codes': (stack, { citizen }) => regenerateActivationCode(stack, citizen),
  'POST /citizen-lookups': (stack, { citizen }) => lookUp(stack, citizen),
  'POST /suspensions': (stack, { citizen }) => suspend(stack, citizen),
  'POST /desk-sessions': (stack) =>
    requestWithRetry(stack, 'POST', '/desk-sessions', { body: {}, token: stack.officeKey }),
  // With the key, which is no desk session.
  'GET /desk-sessions/current': (stack) =>
    requestWithRetry(stack, 'GET', '/desk-sessions/current', { token: stack.officeKey }),
  'DELETE /desk-sessions/current': (stack) =>
    requestWithRetry(stack, 'DELETE', '/desk-sessions/current', { token: stack.officeKey }),
  'POST /activations': (stack, { citizen }) => withCode(stack, '/activations', citizen),
  'POST /password-resets': (stack, { citizen }) => withCode(stack, '/password-resets', citizen),
  'wrong code': (_stack, { citizen }) => citizen.tryStartActivation({ activationCode: wrongCode }),
  'GET /journeys/{id}': (stack, who) => onJourney(stack, who, 'GET', ''),
  'POST /journeys/{id}/otp': async (stack, who) => onJourney(stack, who, 'POST', '/otp', { otp: '000000' }),
  'POST /journeys/{id}/otp/resend': (stack, who) => onJourney(stack, who, 'POST', '/otp/resend'),
  'POST /journeys/{id}/extension': (stack, who) => onJourney(stack, who, 'POST', '/extension'),
  'POST /journeys/{id}/password': (stack, who) =>
    onJourney(stack, who, 'POST', '/password', { password: goodPassword }),
  'POST /password-changes': (stack, { session }) =>
    changePassword(stack, session ?? 'none', goodPassword, otherPassword),
  'POST /unsubscriptions': (stack, { session }) => unsubscribe(stack, session ?? 'none'),
  'POST /sessions': (stack, { citizen }) => signIn(stack, citizen),
  'substantial sign-in': (stack, { citizen }) =>
    signIn(stack, citizen, goodPassword, { assurance: 'substantial' }),
  'sign-in for a relying party': async (stack, { citizen }) =>
    signInFor(stack, await registerParty(stack), citizen),
  'wrong password': (stack, { citizen }) => signIn(stack, citizen, wrongPassword),
  'POST /sessions/certificate': async (stack, { citizen }) =>
    withCertificate(stack, '/sessions/certificate', citizen),
  'password change by certificate': (stack, { citizen }) =>
    withCertificate(stack, '/password-changes', citizen, { newPassword: otherPassword }),
  'unsubscription by certificate': (stack, { citizen }) =>
    withCertificate(stack, '/unsubscriptions', citizen),
  'GET /sessions/current': (stack, { session }) => currentSession(stack, session ?? 'none'),
  'POST /sessions/current/extension': (stack, { session }) =>
    requestWithRetry(stack, 'POST', '/sessions/current/extension', { token: session ?? 'none' }),
  'DELETE /sessions/current': (stack, { session }) =>
    requestWithRetry(stack, 'DELETE', '/sessions/current', { token: session ?? 'none' }),
  'POST /sessions/not-me': (stack, { session }) => reportUnrecognisedActivity(stack, session ?? 'none'),
  // With a session of the pages, if there is one.
  'POST /identifications': (stack, { session }) => identify(stack, { id: 'party' }, session ?? 'none'),
  'GET /identifications/{id}': (stack) => readIdentification(stack, { id: 'party' }, crypto.randomUUID()),
  'POST /certificate-tickets': (stack) => requestTicket(stack),
  'POST /certificate-tickets/{id}/presentations': (stack) => beginPresentation(stack, 'a'.repeat(22)),
  'POST /certificate-presentations': (stack, { citizen }) =>
    reportOutcome(stack, 'a'.repeat(22), { accepted: certifiedAs(citizen.data) }),
  // With the token of a session, if there is one.
  'POST /certificate-tickets/{id}/redemptions': (stack, { session }) =>
    redeem(stack, { id: 'a'.repeat(22), token: session ?? 'none' }, 'a'.repeat(43)),
  'GET /activity': (stack, { session }) => activity(stack, session ?? 'none'),
  'GET /password-policy': (stack) => requestWithRetry(stack, 'GET', '/password-policy'),
} as const satisfies Record<string, (stack: Stack, who: CitizenInState) => Promise<HttpReply>>;
export type CallName = keyof typeof calls;
