import type { JourneySteps } from './journey-steps.ts';

/** A forgotten or blocked password is replaced with the retained activation code. [clave], "Forgot Password". */
export async function passwordReset(steps: JourneySteps): Promise<void> {
  await steps.confirm('sms');
  await steps.finishWithNewPassword('password-set');
}
