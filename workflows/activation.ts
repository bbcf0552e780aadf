import type { JourneySteps } from './journey-steps.ts';

/** First password: the activation code was right, so an SMS code, then a password. [clave], "User activation". */
export async function activation(steps: JourneySteps): Promise<void> {
  await steps.confirm('sms');
  await steps.finishWithNewPassword('activated');
}
