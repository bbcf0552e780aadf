import pLimit from 'p-limit';
import { certificateToken } from '../../test/actors/certificate-holder.ts';
import { issueTicket } from '../../test/actors/certificates.ts';
import { activeCitizen, Citizen } from '../../test/actors/citizen.ts';
import { goodPassword, otherPassword, wrongCode } from '../../test/actors/credentials.ts';
import type { Journey } from '../../test/actors/journey.ts';
import { newDeskSession } from '../../test/actors/office.ts';
import { newPersonalData } from '../../test/actors/personal-data.ts';
import { boundSession, identified, registerParty } from '../../test/actors/relying-parties.ts';
import { newSession, signIn } from '../../test/actors/sessions.ts';
import type { Stack } from '../../test/environment/stack.ts';

/**
 * Values for the placeholders of a request, filled in when it is sent, so that a seed generates the same requests again.
 * Several of each that a request may use up.
 */
export interface Fixtures {
  readonly frontEndKey: string;
  readonly gatewayKey: string;
  readonly certificateKey: string;
  /** Bearer tokens by their holder. */
  readonly tokens: Readonly<Record<TokenName, readonly string[]>>;
  /** Ids of the journeys whose tokens these are, in the same order. */
  readonly journeys: Readonly<Record<JourneyState, readonly string[]>>;
  /** Ids of identifications to the relying party of the values. */
  readonly identifications: readonly string[];
  /** Valid values of fields, by the citizen whom they concern. */
  readonly values: Readonly<Record<CitizenState, readonly Readonly<Record<string, string>>[]>>;
}

export const journeyStates = ['at otp', 'at password', 'done', 'ended'] as const;
export type JourneyState = (typeof journeyStates)[number];
export const tokenNames = [
  'officer',
  'deskSession',
  'session',
  'boundSession',
  'certificate',
  ...journeyStates,
] as const;
export type TokenName = (typeof tokenNames)[number];
export const citizenStates = ['unknown', 'registered', 'active', 'code blocked'] as const;
export type CitizenState = (typeof citizenStates)[number];

/** Citizens in each state, with the tokens that a browser would hold. */
export async function createFixtures(stack: Stack): Promise<Fixtures> {
  const inTurn = pLimit(4);
  const times = <Made>(howMany: number, make: (stack: Stack) => Promise<Made>): Promise<Made[]> =>
    Promise.all(Array.from({ length: howMany }, () => inTurn(() => make(stack))));
  const [registered, active, blocked, signedIn, atOtp, atPassword, done, ended] = await Promise.all([
    times(4, (at) => new Citizen(at).register()),
    times(3, activeCitizen),
    times(1, blockedCitizen),
    times(4, activeCitizen),
    times(4, visited),
    times(4, confirmed),
    times(1, finished),
    times(1, superseded),
  ]);
  // Of several citizens: one request may end all sessions of one.
  const session: string[] = [];
  for (const owner of [...signedIn, ...signedIn]) session.push(await newSession(stack, owner));
  // Right for one of them; for any other citizen it is another's.
  const { browserToken } = (await signIn(stack, active[0] as Citizen)).body.session;
  const party = await registerParty(stack);
  const ticket = await issueTicket(stack);
  const identifications = [await identified(stack, party, signedIn[0] as Citizen)];
  const bound: string[] = [];
  for (const owner of signedIn) bound.push(await boundSession(stack, party, owner));
  const each = (of: (journey: Journey) => string): Record<JourneyState, string[]> => ({
    'at otp': atOtp.map(of),
    'at password': atPassword.map(of),
    done: done.map(of),
    ended: ended.map(of),
  });
  const otps = await Promise.all(atOtp.map((journey) => journey.otp()));
  // As many as there are journeys at the SMS code, each with the code of its own: the same number means the same.
  const valuesOf = (people: readonly Pick<Citizen, 'data' | 'activationCode'>[]): Record<string, string>[] =>
    otps.map((otp, number) => {
      const { data, activationCode } = people[number % people.length] as Citizen;
      return {
        ...(data as Record<string, string>),
        activationCode,
        otp,
        reason: 'a lost phone',
        assurance: 'substantial',
        browser: browserToken,
        password: goodPassword,
        currentPassword: goodPassword,
        newPassword: otherPassword,
        relyingParty: party.id,
        returnUrl: 'http://localhost:3004/certificate',
        ticket: ticket.id,
        code: 'a'.repeat(43),
      };
    });
  return {
    frontEndKey: stack.frontEndKey,
    gatewayKey: stack.gatewayKey,
    certificateKey: stack.certificateKey,
    tokens: {
      officer: [stack.officeKey],
      deskSession: await times(4, newDeskSession),
      session,
      boundSession: bound,
      // Of people who are not registered, and of citizens with a password.
      certificate: [
        ...(await times(4, (at) => certificateToken(at, newPersonalData()))),
        ...(await Promise.all([...active, ...active].map(({ data }) => certificateToken(stack, data)))),
      ],
      ...each(({ token }) => token),
    },
    journeys: each(({ id }) => id),
    identifications,
    values: {
      unknown: valuesOf([{ data: newPersonalData(), activationCode: wrongCode }]),
      registered: valuesOf(registered),
      active: valuesOf(active),
      'code blocked': valuesOf(blocked),
    },
  };
}

const visited = async (stack: Stack) => (await new Citizen(stack).register()).startActivation();
const confirmed = async (stack: Stack) => (await new Citizen(stack).register()).confirmedJourney();

async function finished(stack: Stack): Promise<Journey> {
  const journey = await confirmed(stack);
  await journey.setPassword(goodPassword);
  return journey;
}

async function superseded(stack: Stack): Promise<Journey> {
  const citizen = await new Citizen(stack).register();
  const journey = await citizen.startActivation();
  await citizen.startActivation();
  return journey;
}

async function blockedCitizen(stack: Stack): Promise<Citizen> {
  const citizen = await new Citizen(stack).register();
  for (let entry = 0; entry < 6; entry += 1) await citizen.tryStartActivation({ activationCode: wrongCode });
  return citizen;
}
