import {
  call,
  goodPassword,
  otherPassword,
  Person,
  type Reply,
  wrongCode,
  wrongOtp,
} from '../actors/front-end.ts';
import { activePerson, sessionOf, signIn, substantial, wrongPassword } from '../actors/signed-in.ts';
import { auditTypesOf } from '../database/rows.ts';
import type { Stack } from '../environment/stack.ts';
import { untilPast } from '../environment/waiting.ts';

export type Headers_ = Record<string, string>;

/** A request that has an effect: how it is sent, what is answered, and how often the effect can be seen. */
export interface Effective {
  readonly send: (headers: Headers_) => Promise<Reply>;
  readonly status: number;
  readonly effects: () => Promise<number> | number;
}

const officeCall = (stack: Stack, path: string, body: unknown) => (headers: Headers_) =>
  call(stack, 'POST', path, { body, token: stack.officeKey, headers });
const audited = async (stack: Stack, { citizenId }: Person, type: string): Promise<number> =>
  (await auditTypesOf(stack, citizenId)).filter((each) => each === type).length;
const journeysOf = (stack: Stack, { citizenId }: Person, kind: string): Promise<number> =>
  stack.db.prisma.journey.count({ where: { citizenId, kind } });

/** Each prepares a request that is to be sent several times. */
export const requests: Readonly<Record<string, (stack: Stack) => Promise<Effective>>> = {
  async 'the registration of somebody new'(stack) {
    const { data } = new Person(stack);
    const where = { nationalId: data.nationalId };
    return {
      send: officeCall(stack, '/registrations', data),
      status: 201,
      effects: () => stack.db.prisma.registrationAct.count({ where }),
    };
  },
  async 'a further registration act'(stack) {
    const person = await new Person(stack).register();
    const where = {
      nationalId: person.data.nationalId,
      id: {
        not: (await stack.db.prisma.citizen.findUniqueOrThrow({ where: { id: person.citizenId } })).actId,
      },
    };
    return {
      send: officeCall(stack, '/registrations', person.data),
      status: 201,
      effects: () => stack.db.prisma.registrationAct.count({ where }),
    };
  },
  async 'the regeneration of a code'(stack) {
    const person = await new Person(stack).register();
    return {
      send: officeCall(stack, '/activation-codes', { nationalId: person.data.nationalId }),
      status: 201,
      effects: () => audited(stack, person, 'activation-code-regenerated'),
    };
  },
  async 'a start with the right data'(stack) {
    const person = await new Person(stack).register();
    return {
      send: (headers) => person.start({}, headers),
      status: 201,
      effects: () => stack.db.prisma.journey.count({ where: { citizenId: person.citizenId } }),
    };
  },
  async 'a start with a wrong code'(stack) {
    const person = await new Person(stack).register();
    return {
      send: (headers) => person.start({ activationCode: wrongCode }, headers),
      status: 422,
      effects: () => audited(stack, person, 'activation-refused'),
    };
  },
  async 'the right SMS code'(stack) {
    const person = await new Person(stack).register();
    const visit = await person.visit();
    const otp = await visit.otp();
    return {
      send: (headers) => visit.enterOtp(otp, headers),
      status: 200,
      effects: () => audited(stack, person, 'otp-accepted'),
    };
  },
  async 'a wrong SMS code'(stack) {
    const person = await new Person(stack).register();
    const visit = await person.visit();
    const otp = wrongOtp(await visit.otp());
    return {
      send: (headers) => visit.enterOtp(otp, headers),
      status: 422,
      effects: async () => 3 - (await visit.read()).body.journey.otp.attemptsLeft,
    };
  },
  async 'the wrong SMS code that ends the journey'(stack) {
    const person = await new Person(stack).register();
    const visit = await person.visit();
    const otp = wrongOtp(await visit.otp());
    for (let entry = 0; entry < 3; entry += 1) await visit.enterOtp(otp);
    return {
      send: (headers) => visit.enterOtp(otp, headers),
      status: 422,
      effects: () => audited(stack, person, 'journey-finished'),
    };
  },
  async 'another SMS code'(stack) {
    const person = await new Person(stack).register();
    const visit = await person.visit();
    await visit.otp();
    await untilPast(visit.begun.otp.resendAfter);
    return {
      send: (headers) => visit.resend(headers),
      status: 202,
      effects: async () => {
        await visit.otp(2);
        return person.codes().length - 1;
      },
    };
  },
  async 'a first password'(stack) {
    const person = await new Person(stack).register();
    const visit = await person.confirmedVisit();
    return {
      send: (headers) => visit.choosePassword(goodPassword, headers),
      status: 200,
      effects: () => audited(stack, person, 'password-set'),
    };
  },
  async 'a new password'(stack) {
    const person = await new Person(stack).register();
    await person.setPassword();
    const visit = await person.confirmedVisit();
    return {
      send: (headers) => visit.choosePassword(otherPassword, headers),
      status: 200,
      effects: async () => (await audited(stack, person, 'password-set')) - 1,
    };
  },
  async 'a sign-in'(stack) {
    const person = await activePerson(stack);
    return {
      send: (headers) => signIn(stack, person, goodPassword, { headers }),
      status: 201,
      effects: () => stack.db.prisma.session.count({ where: { citizenId: person.citizenId } }),
    };
  },
  async 'a sign-in with a wrong password'(stack) {
    const person = await activePerson(stack);
    const where = { citizenId: person.citizenId };
    return {
      send: (headers) => signIn(stack, person, wrongPassword, { headers }),
      status: 401,
      effects: async () => (await stack.db.prisma.password.findUniqueOrThrow({ where })).failuresInARow,
    };
  },
  async 'a reinforced sign-in'(stack) {
    const person = await activePerson(stack);
    return {
      send: (headers) => signIn(stack, person, goodPassword, { assurance: 'substantial', headers }),
      status: 201,
      effects: () => journeysOf(stack, person, 'sign-in'),
    };
  },
  async 'the code of a reinforced sign-in'(stack) {
    const person = await activePerson(stack);
    const visit = await substantial(stack, person);
    const otp = await visit.otp();
    return {
      send: (headers) => visit.enterOtp(otp, headers),
      status: 200,
      effects: () => stack.db.prisma.session.count({ where: { citizenId: person.citizenId } }),
    };
  },
  async 'a change of password'(stack) {
    const person = await activePerson(stack);
    const token = await sessionOf(stack, person);
    const body = { currentPassword: goodPassword, newPassword: otherPassword };
    return {
      send: (headers) => call(stack, 'POST', '/password-changes', { body, token, headers }),
      status: 201,
      effects: () => journeysOf(stack, person, 'password-change'),
    };
  },
  async 'an unsubscription'(stack) {
    const person = await activePerson(stack);
    const token = await sessionOf(stack, person);
    return {
      send: (headers) => call(stack, 'POST', '/unsubscriptions', { body: {}, token, headers }),
      status: 201,
      effects: () => journeysOf(stack, person, 'unsubscription'),
    };
  },
  async 'a suspension'(stack) {
    const person = await activePerson(stack);
    const body = { nationalId: person.data.nationalId, reason: 'a lost phone' };
    return {
      send: officeCall(stack, '/suspensions', body),
      status: 201,
      effects: () => stack.db.prisma.suspension.count({ where: { citizenId: person.citizenId } }),
    };
  },
};
