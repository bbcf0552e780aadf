import type { JourneySteps } from './journey-steps.ts';

/**
 * A change, or the renewal of an expired password: the current one was right, so an SMS code, then the new one. In a
 * change it was handed in beforehand; in a renewal it is asked for now. [clave], "Password change"
 */
export async function passwordChange(steps: JourneySteps): Promise<void> {
  await steps.confirm('sms');
  await steps.finishWithNewPassword('password-set');
}
