import { resultOf } from '../../client/call-result.ts';
import { type ApiClient, bearer } from '../../client/client.ts';
import type { FormRequest } from '../forms/submit-form.ts';

/** A journey that a browser has started. */
export interface JourneyCredential {
  readonly id: string;
  readonly token: string;
}

/** What the pages of a journey need of the request for a page. */
export interface JourneyPage extends FormRequest {
  readonly api: ApiClient;
}

/** Reads a journey from the API. */
export const readJourney = (page: JourneyPage, { id, token }: JourneyCredential) =>
  resultOf(
    page.api.GET('/journeys/{id}', { params: { path: { id } }, headers: bearer(token) }),
    page.language,
  );

/** What the page's script polls: the step, and the delivery of the SMS. */
export async function journeyState(
  page: JourneyPage,
  credential: JourneyCredential | undefined,
): Promise<object> {
  const current = credential && (await readJourney(page, credential));
  const { step = '', otp = undefined } = current?.ok ? current.data.journey : {};
  const text = otp && page.t(`otp.delivery.${otp.delivery}`);
  return { step, delivery: otp?.delivery, text };
}

/** Asks for more time, which the API gives once. @returns when the journey ends then; undefined: no more was given */
export async function extendedEnd(
  page: JourneyPage,
  { id, token }: JourneyCredential,
): Promise<string | undefined> {
  const reply = page.api.POST('/journeys/{id}/extension', {
    params: { path: { id } },
    headers: bearer(token),
  });
  const extended = await resultOf(reply, page.language);
  return extended.ok ? extended.data.journey.expiresAt : undefined;
}
