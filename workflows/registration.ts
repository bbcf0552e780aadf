import type { JourneySteps } from './journey-steps.ts';

/**
 * Who registers online: the certificate has proved the identity, so an SMS code proves the phone, and then the act is applied
 * and its activation code issued. [clave], "electronically using an accepted digital certificate"
 */
export async function registration(steps: JourneySteps): Promise<void> {
  await steps.confirm('sms');
  await steps.finishWithRegistration('registered');
}
