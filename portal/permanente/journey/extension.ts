import { resultOf } from '../../../client/call-result.ts';
import { bearer } from '../../../client/client.ts';
import { answerExtension } from '../../../web/forms/time-limit.ts';
import type { StoredCredential } from '../../page-request/cookies.ts';
import type { PageRequest } from '../../page-request/page-request.ts';
import { addressOfJourney } from '../../pages.ts';

/** Has more time given to a journey, which the API does once. */
export async function extendJourney(page: PageRequest, { id, token }: StoredCredential): Promise<void> {
  const reply = page.api.POST('/journeys/{id}/extension', {
    params: { path: { id } },
    headers: bearer(token),
  });
  const extended = await resultOf(reply, page.language);
  const endsAt = extended.ok ? extended.data.journey.expiresAt : undefined;
  const backTo = addressOfJourney(id, page.language);
  answerExtension(page, endsAt, { text: (hour) => page.t('new-password.until', { hour }), backTo });
}
