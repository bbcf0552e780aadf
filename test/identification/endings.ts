import { setTimeout as sleep } from 'node:timers/promises';
import type { JourneyOutcome } from '../../domain/journeys.ts';
import { activeCitizen, Citizen } from '../actors/citizen.ts';
import { goodPassword, otherPassword, wrongPassword } from '../actors/credentials.ts';
import { expectStartedJourney, type Journey } from '../actors/journey.ts';
import { regenerateActivationCode, suspend } from '../actors/office.ts';
import { newPersonalData } from '../actors/personal-data.ts';
import {
  newSession,
  reportUnrecognisedActivity,
  signIn,
  signInSubstantial,
  unsubscribe,
} from '../actors/sessions.ts';
import type { HttpReply } from '../environment/http.ts';
import type { Stack } from '../environment/stack.ts';

/** What ends an identification: all but its last request, and that one. */
interface Ending {
  /** Before the identification begins. */
  readonly prepare?: (stack: Stack, citizen: Citizen) => Promise<() => Promise<HttpReply>>;
  /** While it waits for its code. */
  readonly meanwhile?: (stack: Stack, citizen: Citizen) => Promise<unknown>;
  readonly end?: (stack: Stack, citizen: Citizen) => Promise<HttpReply>;
  readonly outcome: JourneyOutcome;
  /** A session that was opened before it goes on. */
  readonly leavesSessions?: true;
}

/** Everything that ends an identification and races with its right code. */
export const endings = {
  reset: {
    async prepare(_stack, citizen) {
      const journey = await citizen.confirmedJourney();
      return () => journey.setPassword(otherPassword);
    },
    outcome: 'superseded',
  },
  suspension: { end: suspend, outcome: 'blocked' },
  block: {
    async meanwhile(stack, citizen) {
      for (let failure = 0; failure < 5; failure += 1) await signIn(stack, citizen, wrongPassword);
    },
    end: (stack, citizen) => signIn(stack, citizen, wrongPassword),
    outcome: 'blocked',
  },
  'not me': {
    async prepare(stack, citizen) {
      const token = await newSession(stack, citizen);
      return () => reportUnrecognisedActivity(stack, token);
    },
    outcome: 'blocked',
  },
  act: { end: (_stack, citizen) => citizen.tryRegister(), outcome: 'superseded' },
  unsubscription: {
    async prepare(stack, citizen) {
      const token = await newSession(stack, citizen);
      const journey = await expectStartedJourney(stack, unsubscribe(stack, token));
      const otp = await journey.otp();
      return () => journey.enterOtp(otp);
    },
    outcome: 'superseded',
  },
  regeneration: { end: regenerateActivationCode, outcome: 'superseded', leavesSessions: true },
  'activation code': {
    end: (_stack, citizen) => citizen.tryStartActivation(),
    outcome: 'superseded',
    leavesSessions: true,
  },
  'loss of the phone': {
    // Only a phone that no code has confirmed yet is lost to another citizen.
    async prepare(stack, citizen) {
      const { phone } = newPersonalData();
      await citizen.register({ phone });
      return () => new Citizen(stack, { phone }).tryRegister();
    },
    outcome: 'superseded',
    leavesSessions: true,
  },
} as const satisfies Record<string, Ending>;
export type EndingName = keyof typeof endings;

/** A sign-in that waits for its code, and the last request of what ends it. */
async function waiting(stack: Stack, name: EndingName) {
  const ending: Ending = endings[name];
  const citizen = await activeCitizen(stack);
  const prepared = await ending.prepare?.(stack, citizen);
  const journey = await signInSubstantial(stack, citizen, goodPassword);
  await ending.meanwhile?.(stack, citizen);
  const end = async (): Promise<unknown> => (prepared ? prepared() : ending.end?.(stack, citizen));
  return { citizen, journey, end };
}

/** A sign-in that waited for its code and was ended. */
export async function endedBy(stack: Stack, name: EndingName): Promise<Journey> {
  const { journey, end } = await waiting(stack, name);
  await end();
  return journey;
}

/** What is wrong after the right code was sent `delayMs` after that which ends the identification (before it, if negative). */
export async function race(
  stack: Stack,
  name: EndingName,
  delayMs: number,
): Promise<{ readonly opened: boolean; readonly wrong: readonly string[] }> {
  const {
    citizen: { citizenId },
    journey,
    end,
  } = await waiting(stack, name);
  const otp = await journey.otp();
  const [entered] = await Promise.all([
    sleep(Math.max(0, delayMs)).then(() => journey.enterOtp(otp)),
    sleep(Math.max(0, -delayMs)).then(end),
  ]);
  const { prisma } = stack.db;
  const sessions = await prisma.session.count({ where: { citizenId } });
  const open = await prisma.journey.count({ where: { citizenId, kind: 'sign-in', finishedAt: null } });
  const opened = entered.status === 200;
  const allowed = (endings[name] as Ending).leavesSessions && opened ? 1 : 0;
  return {
    opened,
    wrong: [
      ...([200, 410].includes(entered.status) ? [] : [`the code was answered ${entered.status}`]),
      ...(sessions === allowed ? [] : [`${sessions} sessions are left`]),
      ...(open === 0 ? [] : ['the identification is open']),
    ],
  };
}
