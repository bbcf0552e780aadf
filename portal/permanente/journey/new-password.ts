import { submitNewPassword as submitNewPasswordOfJourney } from '../../../web/journey/new-password.ts';
import type { StoredCredential } from '../../page-request/cookies.ts';
import type { PageRequest } from '../../page-request/page-request.ts';
import { addressOfJourney } from '../../pages.ts';
import { renderCurrentStep, renderRefusal } from './journey-pages.ts';

/** Returns to the journey's page, which says what has become of it. */
export const submitNewPassword = (page: PageRequest, credential: StoredCredential): Promise<void> =>
  submitNewPasswordOfJourney(page, credential, {
    onSuccess: () => page.redirect(addressOfJourney(credential.id, page.language)),
    showFieldErrors: (errors, broken = []) =>
      renderCurrentStep(page, credential, { errors, broken, status: 422 }),
    showErrors: (errors, problem) => renderRefusal(page, credential, problem, errors),
  });
