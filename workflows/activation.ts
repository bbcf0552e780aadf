import type { JourneyOutcome } from '../domain/journeys.ts';
import type { JourneySteps } from './journey-steps.ts';

/** First password: the activation code was right, so an SMS code, then a password. [clave], "User activation". */
export async function activation(journey: JourneySteps): Promise<JourneyOutcome> {
  await journey.confirmBySms();
  await journey.setNewPassword('activated');
  return 'activated';
}
