import type { JourneySteps } from './journey-steps.ts';

/** A citizen who leaves: signed in, so an SMS code, then everything that signs in is destroyed. [clave], "User downs" */
export async function unsubscription(steps: JourneySteps): Promise<void> {
  await steps.confirmBySms();
  await steps.finishWithUnsubscription('unsubscribed');
}
