import { type ApiClient, expectStatus, type Journey } from './client.ts';
import { type JourneyCredential, journeyClient } from './journey-client.ts';

/** The three data with which a citizen starts an activation or a reset. */
export interface ActivationData {
  readonly nationalId: string;
  readonly email: string;
  readonly activationCode: string;
}

/** A journey at the step `otp`, as its start answered. */
export interface StartedJourney extends JourneyCredential {
  readonly kind: Journey['kind'];
}

/** The journey and token of an answer that has opened a journey. @throws Error for any other answer */
export function startedJourney({
  journey,
  token,
}: {
  journey?: Journey;
  token?: string;
  passwordExpiresAt?: string;
}): StartedJourney {
  if (journey === undefined || token === undefined) throw new Error('the answer opens no journey');
  return { id: journey.id, kind: journey.kind, token };
}

/** Starts an activation, or a reset where a password is set. @throws UnexpectedStatus */
export async function startActivation(
  api: ApiClient,
  { nationalId, email, activationCode }: ActivationData,
): Promise<StartedJourney> {
  const body = { nationalId, email, activationCode };
  return startedJourney(await expectStatus(201, api.POST('/activations', { body })));
}

/** A whole activation or reset. `readOtp`: the SMS code of the journey, from the phone. @throws UnexpectedStatus */
export async function activateOrReset(
  api: ApiClient,
  data: ActivationData,
  password: string,
  readOtp: (journey: StartedJourney) => Promise<string>,
): Promise<void> {
  const started = await startActivation(api, data);
  const journey = journeyClient(api, started);
  await expectStatus(200, journey.submitOtp(await readOtp(started)));
  await expectStatus(200, journey.setPassword(password));
}
