import type { JourneyOutcome } from '../domain/journeys.ts';
import type { JourneySteps } from './journey-steps.ts';

/** First password: the activation code was right, so an SMS code, then a password. [clave], "User activation". */
export async function activation(steps: JourneySteps): Promise<JourneyOutcome> {
  await steps.confirmBySms();
  await steps.setNewPassword('activated');
  return 'activated';
}
