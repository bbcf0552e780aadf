import type { JourneySteps } from './journey-steps.ts';

/** A citizen who leaves Permanente: signed in, so an SMS code, then everything that signs in is destroyed. [clave], "User downs" */
export async function unsubscription(steps: JourneySteps): Promise<void> {
  await steps.confirm('sms');
  await steps.finishWithUnsubscription('unsubscribed');
}
