import {
  call,
  goodPassword,
  otherPassword,
  Person,
  type Reply,
  type Visit,
  wrongCode,
} from '../actors/front-end.ts';
import {
  activePerson,
  atOffice,
  blockPassword,
  changePassword,
  journeyOf,
  sessionOf,
  signIn,
  unsubscribe,
  whoAmI,
  wrongPassword,
} from '../actors/signed-in.ts';
import type { Stack } from '../environment/stack.ts';

/** Somebody, with the tokens that their browser has kept from how they came to be where they are. */
export interface Somebody {
  readonly person: Person;
  readonly visit?: Visit;
  readonly session?: string;
}

const registered = (stack: Stack): Promise<Person> => new Person(stack).register();

/** Active and signed in, with the journey that set the password. */
async function signedIn(stack: Stack): Promise<Somebody & { session: string }> {
  const person = await registered(stack);
  const visit = await person.confirmedVisit();
  await visit.choosePassword(goodPassword);
  return { person, visit, session: await sessionOf(stack, person) };
}

/** Every state that a citizen can be in, and how to come there. */
export const states = {
  unknown: async (stack) => ({ person: new Person(stack) }),
  registered: async (stack) => ({ person: await registered(stack) }),
  'code-blocked': async (stack) => {
    const person = await registered(stack);
    for (let entry = 0; entry < 6; entry += 1) await person.start({ activationCode: wrongCode });
    return { person };
  },
  'otp step': async (stack) => {
    const person = await registered(stack);
    const visit = await person.visit();
    await visit.otp();
    return { person, visit };
  },
  'password step': async (stack) => {
    const person = await registered(stack);
    return { person, visit: await person.confirmedVisit() };
  },
  active: async (stack) => {
    const { person, visit } = await signedIn(stack);
    return { person, ...(visit && { visit }) };
  },
  'signed in': signedIn,
  'change at otp': async (stack) => {
    const person = await activePerson(stack);
    const session = await sessionOf(stack, person);
    const visit = await journeyOf(stack, changePassword(stack, session, goodPassword, otherPassword));
    await visit.otp();
    return { person, session, visit };
  },
  'password-blocked': async (stack) => {
    const who = await signedIn(stack);
    await blockPassword(stack, who.person);
    return who;
  },
  expired: async (stack) => {
    const who = await signedIn(stack);
    const where = { citizenId: who.person.citizenId };
    await stack.db.prisma.password.update({ where, data: { expiresAt: new Date() } });
    return who;
  },
  suspended: async (stack) => {
    const who = await signedIn(stack);
    await atOffice(stack, '/suspensions', who.person);
    return who;
  },
  unsubscribed: async (stack) => {
    const { person, session } = await signedIn(stack);
    const visit = await journeyOf(stack, unsubscribe(stack, session));
    await visit.enterOtp(await visit.otp());
    return { person, session, visit };
  },
} as const satisfies Record<string, (stack: Stack) => Promise<Somebody>>;
export type State = keyof typeof states;

const onJourney = (
  stack: Stack,
  { visit }: Somebody,
  method: 'GET' | 'POST',
  step: string,
  body?: unknown,
): Promise<Reply> =>
  call(stack, method, `/journeys/${visit?.id ?? 'none'}${step}`, { body, token: visit?.token ?? 'none' });

const withCode = (stack: Stack, path: string, { data, activationCode }: Person): Promise<Reply> => {
  const { nationalId, email } = data;
  const body = { nationalId, email, activationCode: activationCode || wrongCode };
  return call(stack, 'POST', path, { body });
};

/** Every call of the API, as it is made by or about somebody, with what would be right where there is anything right. */
export const calls = {
  'POST /registrations': (stack, { person }) =>
    call(stack, 'POST', '/registrations', { body: person.data, token: stack.officeKey }),
  'POST /activation-codes': (stack, { person }) => atOffice(stack, '/activation-codes', person),
  'POST /citizen-lookups': (stack, { person }) => atOffice(stack, '/citizen-lookups', person),
  'POST /suspensions': (stack, { person }) => atOffice(stack, '/suspensions', person),
  'POST /activations': (stack, { person }) => withCode(stack, '/activations', person),
  'POST /password-resets': (stack, { person }) => withCode(stack, '/password-resets', person),
  'wrong code': (_stack, { person }) => person.start({ activationCode: wrongCode }),
  'GET /journeys/{id}': (stack, who) => onJourney(stack, who, 'GET', ''),
  'POST /journeys/{id}/otp': async (stack, who) => onJourney(stack, who, 'POST', '/otp', { otp: '000000' }),
  'POST /journeys/{id}/otp/resend': (stack, who) => onJourney(stack, who, 'POST', '/otp/resend'),
  'POST /journeys/{id}/password': (stack, who) =>
    onJourney(stack, who, 'POST', '/password', { password: goodPassword }),
  'POST /password-changes': (stack, { session }) =>
    changePassword(stack, session ?? 'none', goodPassword, otherPassword),
  'POST /unsubscriptions': (stack, { session }) => unsubscribe(stack, session ?? 'none'),
  'POST /sessions': (stack, { person }) => signIn(stack, person),
  'substantial sign-in': (stack, { person }) =>
    signIn(stack, person, goodPassword, { assurance: 'substantial' }),
  'wrong password': (stack, { person }) => signIn(stack, person, wrongPassword),
  'GET /sessions/current': (stack, { session }) => whoAmI(stack, session ?? 'none'),
  'DELETE /sessions/current': (stack, { session }) =>
    call(stack, 'DELETE', '/sessions/current', { token: session ?? 'none' }),
  'GET /password-policy': (stack) => call(stack, 'GET', '/password-policy'),
} as const satisfies Record<string, (stack: Stack, who: Somebody) => Promise<Reply>>;
export type CallName = keyof typeof calls;
