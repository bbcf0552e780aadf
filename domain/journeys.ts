/** The journeys of a citizen, under the one name that each has in every folder. */
export const journeyKinds = [
  'activation',
  'password-reset',
  'password-change',
  'unsubscription',
  'sign-in',
] as const;
export type JourneyKind = (typeof journeyKinds)[number];

/** Where a journey is: waiting for the SMS code, for a new password, completed, or over without. */
export const journeySteps = ['otp', 'password', 'done', 'ended'] as const;
export type JourneyStep = (typeof journeySteps)[number];

/** How a journey comes out that is completed (`done`). */
const completedOutcomes = ['activated', 'password-set', 'unsubscribed', 'signed-in'] as const;

/** How a journey comes out: completed, or ended without. */
export const journeyOutcomes = [
  ...completedOutcomes,
  'blocked',
  'too-many-otps',
  'timed-out',
  'superseded',
] as const;
export type JourneyOutcome = (typeof journeyOutcomes)[number];

/** The last step of a journey with this outcome. */
export const lastStep = (outcome: JourneyOutcome): 'done' | 'ended' =>
  (completedOutcomes as readonly JourneyOutcome[]).includes(outcome) ? 'done' : 'ended';

/** What an SMS is about: the keys of `locales/<language>/texts.json`. */
export const notices = [
  'welcome',
  'new-act',
  'new-act-former-phone',
  'code-regenerated',
  'password-set',
  'password-blocked',
  'suspended',
  'unsubscribed',
] as const;
export type Notice = (typeof notices)[number];

/** How far an SMS has come, as the provider says. */
export const deliveries = ['pending', 'sent', 'delivered', 'failed'] as const;
export type Delivery = (typeof deliveries)[number];

/** The credentials that a journey begun with the password rests on: checked again at its last step. */
export interface Authority {
  readonly passwordId: string;
  /** Missing in the renewal of an expired password, for which there is no session. */
  readonly sessionId?: string;
}
