import type { WorkflowJourneyKind } from '../domain/journeys.ts';
import { activation } from './activation.ts';
import type { JourneySteps } from './journey-steps.ts';
import { passwordChange } from './password-change.ts';
import { passwordReset } from './password-reset.ts';
import { registration } from './registration.ts';
import { unsubscription } from './unsubscription.ts';

/**
 * The steps of each kind of journey, in a file of its own. Each begins with `confirm('sms')`, since opening a journey
 * reserves an SMS, and ends with exactly one step whose name begins with `finish`.
 */
export const journeys: Readonly<Record<WorkflowJourneyKind, (steps: JourneySteps) => Promise<void>>> = {
  activation,
  'password-reset': passwordReset,
  'password-change': passwordChange,
  unsubscription,
  registration,
};
