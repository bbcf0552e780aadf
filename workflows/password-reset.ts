import type { JourneyOutcome } from '../domain/journeys.ts';
import type { JourneySteps } from './journey-steps.ts';

/** A forgotten or blocked password is replaced with the retained activation code. [clave], "Forgot Password". */
export async function passwordReset(journey: JourneySteps): Promise<JourneyOutcome> {
  await journey.confirmBySms();
  await journey.setNewPassword('password-set');
  return 'password-set';
}
