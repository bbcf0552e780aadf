/** Journeys that change what a citizen has: each is a function of the citizen's workflow, of the same name. */
export const workflowJourneyKinds = [
  'activation',
  'password-reset',
  'password-change',
  'unsubscription',
] as const;
export type WorkflowJourneyKind = (typeof workflowJourneyKinds)[number];

/** Journeys that only prove an identity. PostgreSQL holds their state, not the workflow (`domain/identification.ts`). */
export const identificationKinds = ['sign-in'] as const;
export type IdentificationKind = (typeof identificationKinds)[number];

/** The kinds of journeys of the HTTP contract. Each has the same name in every layer. */
export const journeyKinds = [...workflowJourneyKinds, ...identificationKinds] as const;
export type JourneyKind = (typeof journeyKinds)[number];

/** The steps of a journey: waiting for the SMS code, for a new password, completed (`done`), or ended without success. */
export const journeySteps = ['otp', 'password', 'done', 'ended'] as const;
export type JourneyStep = (typeof journeySteps)[number];

/** Outcomes of completed journeys. */
const completedOutcomes = ['activated', 'password-set', 'unsubscribed', 'signed-in'] as const;

/** All outcomes: of completed journeys, then of those that ended without success. */
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

/** The notices sent by SMS: keys of `locales/<language>/texts.json`. */
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

/** The delivery of an SMS, as the provider reports it. */
export const deliveries = ['pending', 'sent', 'delivered', 'failed'] as const;
export type Delivery = (typeof deliveries)[number];

/** The proof with which a journey begins. Each has limits of its own, so that a thief of one can't use up those of the other. */
export type Proof = 'code' | 'password';

/** The credentials that a journey begun with the password rests on: checked again at its last step. */
export interface Authority {
  readonly passwordId: string;
  /** Missing in the renewal of an expired password, for which there is no session. */
  readonly sessionId?: string;
}
