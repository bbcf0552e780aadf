import type { JourneyOutcome } from '../domain/journeys.ts';
import type { JourneySteps } from './journey-steps.ts';

/** A sign-in that is reinforced: the password was right, so an SMS code, then a session. [clave] */
export async function signIn(journey: JourneySteps): Promise<JourneyOutcome> {
  await journey.confirmBySms();
  await journey.openSession('signed-in');
  return 'signed-in';
}
