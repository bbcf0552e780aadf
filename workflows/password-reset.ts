import type { JourneyOutcome } from '../domain/journeys.ts';
import type { JourneySteps } from './journey-steps.ts';

/** A forgotten or blocked password is replaced with the retained activation code. [clave], "Forgot Password". */
export async function passwordReset(steps: JourneySteps): Promise<JourneyOutcome> {
  await steps.confirmBySms();
  await steps.setNewPassword('password-set');
  return 'password-set';
}
