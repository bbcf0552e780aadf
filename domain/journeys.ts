import type { Basis } from './assurance.ts';

/** Journeys that change what a citizen has: each is a function of the citizen's workflow, of the same name. */
export const workflowJourneyKinds = [
  'activation',
  'password-reset',
  'password-change',
  'unsubscription',
  'registration',
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
const completedOutcomes = ['activated', 'password-set', 'unsubscribed', 'registered', 'signed-in'] as const;

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
  'password-set-by-certificate',
  'password-blocked',
  'suspended',
  'unsubscribed',
  'registered-online',
  'identification-renewed',
] as const;
export type Notice = (typeof notices)[number];

/** The delivery of an SMS, as the provider reports it. */
export const deliveries = ['pending', 'sent', 'delivered', 'failed'] as const;
export type Delivery = (typeof deliveries)[number];

/**
 * The proofs with which a journey can begin, the weakest first. Each has limits of its own, so that a thief of one can't
 * use up those of another, and a journey supersedes only those begun with the same proof or a weaker one.
 */
export const proofs = ['contrast', 'password', 'device', 'activation-code', 'certificate'] as const;
export type Proof = (typeof proofs)[number];

/** Whether a journey begun with `proof` supersedes one begun with `other`. */
export const supersedes = (proof: Proof, other: Proof): boolean =>
  proofs.indexOf(proof) >= proofs.indexOf(other);

/** The credential, and the session, that a journey rests on which was begun with them: checked again at its last step. */
export interface Authority {
  readonly basis: Basis;
  /** The row of the credential. */
  readonly credentialId: string;
  /** Missing in the renewal of an expired password, for which there is no session. */
  readonly sessionId?: string;
}
