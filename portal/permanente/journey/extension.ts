import { answerExtension } from '../../../web/forms/time-limit.ts';
import { extendedEnd } from '../../../web/journey/journey.ts';
import type { StoredCredential } from '../../page-request/cookies.ts';
import type { PageRequest } from '../../page-request/page-request.ts';
import { addressOfJourney } from '../../pages.ts';

/** Has more time given to a journey, which the API does once. */
export async function extendJourney(page: PageRequest, credential: StoredCredential): Promise<void> {
  const endsAt = await extendedEnd(page, credential);
  const backTo = addressOfJourney(credential.id, page.language);
  answerExtension(page, endsAt, { text: (hour) => page.t('new-password.until', { hour }), backTo });
}
