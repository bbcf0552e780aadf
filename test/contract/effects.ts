import { activeCitizen, Citizen } from '../actors/citizen.ts';
import { goodPassword, otherPassword, wrongCode, wrongOtp, wrongPassword } from '../actors/credentials.ts';
import { boundSession, identify, registerParty, signInFor } from '../actors/relying-parties.ts';
import { requestWithRetry } from '../actors/request.ts';
import { newSession, reportUnrecognisedActivity, signIn, signInSubstantial } from '../actors/sessions.ts';
import { auditTypesOf } from '../database/rows.ts';
import type { HttpReply } from '../environment/http.ts';
import type { Stack } from '../environment/stack.ts';
import { untilPast } from '../environment/waiting.ts';
import { certificateRequests } from './certificate-effects.ts';

export type Headers_ = Record<string, string>;

/** A request that has an effect: how it is sent, what is answered, and how often the effect can be seen. */
export interface Effective {
  readonly send: (headers: Headers_) => Promise<HttpReply>;
  readonly status: number;
  readonly effects: () => Promise<number> | number;
}

const officeCall = (stack: Stack, path: string, body: unknown) => (headers: Headers_) =>
  requestWithRetry(stack, 'POST', path, { body, token: stack.officeKey, headers });
const audited = async (stack: Stack, { citizenId }: Citizen, type: string): Promise<number> =>
  (await auditTypesOf(stack, citizenId)).filter((each) => each === type).length;
const journeysOf = (stack: Stack, { citizenId }: Citizen, kind: string): Promise<number> =>
  stack.db.prisma.journey.count({ where: { citizenId, kind } });

/** Each prepares a request that is to be sent several times. */
export const requests: Readonly<Record<string, (stack: Stack) => Promise<Effective>>> = {
  ...certificateRequests,
  async 'the registration of a new citizen'(stack) {
    const { data } = new Citizen(stack);
    const where = { nationalId: data.nationalId };
    return {
      send: officeCall(stack, '/registrations', data),
      status: 201,
      effects: () => stack.db.prisma.registrationAct.count({ where }),
    };
  },
  async 'a further registration act'(stack) {
    const citizen = await new Citizen(stack).register();
    const where = {
      nationalId: citizen.data.nationalId,
      id: {
        not: (await stack.db.prisma.citizen.findUniqueOrThrow({ where: { id: citizen.citizenId } })).actId,
      },
    };
    return {
      send: officeCall(stack, '/registrations', citizen.data),
      status: 201,
      effects: () => stack.db.prisma.registrationAct.count({ where }),
    };
  },
  async 'the regeneration of a code'(stack) {
    const citizen = await new Citizen(stack).register();
    return {
      send: officeCall(stack, '/activation-codes', { nationalId: citizen.data.nationalId }),
      status: 201,
      effects: () => audited(stack, citizen, 'activation-code-regenerated'),
    };
  },
  async 'a start with the right data'(stack) {
    const citizen = await new Citizen(stack).register();
    return {
      send: (headers) => citizen.tryStartActivation({}, headers),
      status: 201,
      effects: () => stack.db.prisma.journey.count({ where: { citizenId: citizen.citizenId } }),
    };
  },
  async 'a start with a wrong code'(stack) {
    const citizen = await new Citizen(stack).register();
    return {
      send: (headers) => citizen.tryStartActivation({ activationCode: wrongCode }, headers),
      status: 422,
      effects: () => audited(stack, citizen, 'activation-refused'),
    };
  },
  async 'the right SMS code'(stack) {
    const citizen = await new Citizen(stack).register();
    const journey = await citizen.startActivation();
    const otp = await journey.otp();
    return {
      send: (headers) => journey.enterOtp(otp, headers),
      status: 200,
      effects: () => audited(stack, citizen, 'otp-accepted'),
    };
  },
  async 'a wrong SMS code'(stack) {
    const citizen = await new Citizen(stack).register();
    const journey = await citizen.startActivation();
    const otp = wrongOtp(await journey.otp());
    return {
      send: (headers) => journey.enterOtp(otp, headers),
      status: 422,
      effects: async () => 3 - (await journey.read()).body.journey.otp.attemptsLeft,
    };
  },
  async 'the wrong SMS code that ends the journey'(stack) {
    const citizen = await new Citizen(stack).register();
    const journey = await citizen.startActivation();
    const otp = wrongOtp(await journey.otp());
    for (let entry = 0; entry < 3; entry += 1) await journey.enterOtp(otp);
    return {
      send: (headers) => journey.enterOtp(otp, headers),
      status: 422,
      effects: () => audited(stack, citizen, 'journey-finished'),
    };
  },
  async 'another SMS code'(stack) {
    const citizen = await new Citizen(stack).register();
    const journey = await citizen.startActivation();
    await journey.otp();
    await untilPast(journey.started.otp.resendAfter);
    return {
      send: (headers) => journey.resend(headers),
      status: 202,
      effects: async () => {
        await journey.otp(2);
        return citizen.otps().length - 1;
      },
    };
  },
  async 'a first password'(stack) {
    const citizen = await new Citizen(stack).register();
    const journey = await citizen.confirmedJourney();
    return {
      send: (headers) => journey.setPassword(goodPassword, headers),
      status: 200,
      effects: () => audited(stack, citizen, 'password-set'),
    };
  },
  async 'a new password'(stack) {
    const citizen = await new Citizen(stack).register();
    await citizen.activateOrReset();
    const journey = await citizen.confirmedJourney();
    return {
      send: (headers) => journey.setPassword(otherPassword, headers),
      status: 200,
      effects: async () => (await audited(stack, citizen, 'password-set')) - 1,
    };
  },
  async 'a sign-in'(stack) {
    const citizen = await activeCitizen(stack);
    return {
      send: (headers) => signIn(stack, citizen, goodPassword, { headers }),
      status: 201,
      effects: () => stack.db.prisma.session.count({ where: { citizenId: citizen.citizenId } }),
    };
  },
  async 'a sign-in with a wrong password'(stack) {
    const citizen = await activeCitizen(stack);
    const where = { citizenId: citizen.citizenId };
    return {
      send: (headers) => signIn(stack, citizen, wrongPassword, { headers }),
      status: 401,
      effects: async () => (await stack.db.prisma.password.findUniqueOrThrow({ where })).failuresInARow,
    };
  },
  async 'a reinforced sign-in'(stack) {
    const citizen = await activeCitizen(stack);
    return {
      send: (headers) => signIn(stack, citizen, goodPassword, { assurance: 'substantial', headers }),
      status: 201,
      effects: () => journeysOf(stack, citizen, 'sign-in'),
    };
  },
  async 'the code of a reinforced sign-in'(stack) {
    const citizen = await activeCitizen(stack);
    const journey = await signInSubstantial(stack, citizen);
    const otp = await journey.otp();
    return {
      send: (headers) => journey.enterOtp(otp, headers),
      status: 200,
      effects: () => stack.db.prisma.session.count({ where: { citizenId: citizen.citizenId } }),
    };
  },
  async 'a sign-in for a relying party'(stack) {
    const [citizen, party] = [await activeCitizen(stack), await registerParty(stack)];
    return {
      send: (headers) => signInFor(stack, party, citizen, { headers }),
      status: 201,
      effects: () => stack.db.prisma.session.count({ where: { relyingPartyId: party.id } }),
    };
  },
  async 'an identification to a relying party'(stack) {
    const [citizen, party] = [await activeCitizen(stack), await registerParty(stack)];
    const token = await boundSession(stack, party, citizen);
    return {
      send: (headers) => identify(stack, party, token, { headers }),
      status: 201,
      effects: () => stack.db.prisma.identification.count({ where: { citizenId: citizen.citizenId } }),
    };
  },
  async 'a change of password'(stack) {
    const citizen = await activeCitizen(stack);
    const token = await newSession(stack, citizen);
    const body = { currentPassword: goodPassword, newPassword: otherPassword };
    return {
      send: (headers) => requestWithRetry(stack, 'POST', '/password-changes', { body, token, headers }),
      status: 201,
      effects: () => journeysOf(stack, citizen, 'password-change'),
    };
  },
  async 'an unsubscription'(stack) {
    const citizen = await activeCitizen(stack);
    const token = await newSession(stack, citizen);
    return {
      send: (headers) => requestWithRetry(stack, 'POST', '/unsubscriptions', { body: {}, token, headers }),
      status: 201,
      effects: () => journeysOf(stack, citizen, 'unsubscription'),
    };
  },
  async 'a report of unrecognised activity'(stack) {
    const citizen = await activeCitizen(stack);
    const token = await newSession(stack, citizen);
    return {
      send: (headers) => reportUnrecognisedActivity(stack, token, headers),
      status: 204,
      effects: () => audited(stack, citizen, 'unrecognised-activity-reported'),
    };
  },
  async 'a suspension'(stack) {
    const citizen = await activeCitizen(stack);
    const body = { nationalId: citizen.data.nationalId, reason: 'a lost phone' };
    return {
      send: officeCall(stack, '/suspensions', body),
      status: 201,
      effects: () => stack.db.prisma.suspension.count({ where: { citizenId: citizen.citizenId } }),
    };
  },
};
