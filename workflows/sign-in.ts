import type { JourneySteps } from './journey-steps.ts';

/** A sign-in that is reinforced: the password was right, so an SMS code, then a session. [clave] */
export async function signIn(steps: JourneySteps): Promise<void> {
  await steps.confirmBySms();
  await steps.finishWithSession('signed-in');
}
