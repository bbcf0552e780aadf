import type { JourneyOutcome } from '../domain/journeys.ts';
import type { Journeying } from './journeying.ts';

/** A citizen who leaves: signed in, so an SMS code, then everything that signs in is destroyed. [clave], "User downs" */
export async function unsubscription(journey: Journeying): Promise<JourneyOutcome> {
  await journey.confirmBySms();
  await journey.leave('unsubscribed');
  return 'unsubscribed';
}
