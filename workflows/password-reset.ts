import type { JourneyOutcome } from '../domain/journeys.ts';
import type { Journeying } from './journeying.ts';

/** A forgotten or blocked password is replaced with the retained activation code. [clave], "Forgot Password". */
export async function passwordReset(journey: Journeying): Promise<JourneyOutcome> {
  await journey.confirmBySms();
  await journey.setNewPassword('password-set');
  return 'password-set';
}
