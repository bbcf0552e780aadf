import { ApplicationFailure } from '@temporalio/workflow';
import type { Message } from './messages.ts';

/** The types of the failures with which validators and handlers reject a message: wire names, which stay in histories. */
export const workflowErrors = {
  /** The sender has given up by now. */
  tooLate: 'TooLate',
  /** The journey is at another step; the detail is the JourneyView. */
  wrongStep: 'WrongStep',
  /** The journey is finished; the detail is the JourneyView. */
  journeyOver: 'JourneyOver',
  /** No journey of that id is open. */
  noSuchJourney: 'NoSuchJourney',
  /** The activation code is blocked. The detail is `wrongWhileSuspended`, or absent. */
  codeBlocked: 'CodeBlocked',
  /** The SMS code has expired or its guesses are used up; the detail is the JourneyView. */
  otpExpired: 'OtpExpired',
  /** The journey has had its further time; the detail is the JourneyView. */
  alreadyExtended: 'AlreadyExtended',
  /** A limit is reached; the detail is the instant (ms) from which it may be tried again. */
  tooMany: 'TooMany',
  notRegistered: 'NotRegistered',
  /** This run is about to end: the next one takes the message. */
  runEnding: 'RunEnding',
  /** No SMS code can be sent: the phone has passed to another citizen. The detail is `wrongCodeEntered`, or absent. */
  phoneYielded: 'PhoneYielded',
  /** Only a registration act lifts the block. */
  registrationRequired: 'RegistrationRequired',
  suspended: 'Suspended',
  /** There is no password in force that is not blocked. */
  resetNeeded: 'ResetNeeded',
  /** The password or session that the message rests on is no longer valid. */
  superseded: 'Superseded',
  /** PostgreSQL did not answer in time. */
  unavailable: 'Unavailable',
} as const;

/** A detail of `codeBlocked`: the citizen is suspended, and the entry was wrong. It must be refused as one of a stranger. */
export const wrongWhileSuspended = 'wrong-while-suspended';

/** A detail of `phoneYielded`: the entry was wrong. It must be refused as one of a stranger. */
export const wrongCodeEntered = 'wrong-code-entered';

/** Rejects a message. The only kind of error that may leave a handler or validator: any other fails the workflow task. */
export const workflowError = (type: string, ...details: unknown[]): ApplicationFailure =>
  ApplicationFailure.create({ type, message: type, nonRetryable: true, details });

/** @throws ApplicationFailure TooLate, so that a request that was answered 503 has no effect later */
export function assertInTime({ answerByMs }: Message): void {
  if (Date.now() > answerByMs) throw workflowError(workflowErrors.tooLate);
}
