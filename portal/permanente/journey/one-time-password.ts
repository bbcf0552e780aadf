import { keepBrowserToken } from '../../../web/http/known-browser.ts';
import {
  resendOtp as resendOtpOfJourney,
  submitOtp as submitOtpOfJourney,
} from '../../../web/journey/one-time-password.ts';
import { keepIssued } from '../../certificate/issued.ts';
import type { StoredCredential } from '../../page-request/cookies.ts';
import { browserTokens } from '../../page-request/known-browser.ts';
import type { PageRequest } from '../../page-request/page-request.ts';
import { keepUsername } from '../../page-request/username.ts';
import { addressOfJourney, citizenPage } from '../../pages.ts';
import { renderRefusal } from './journey-pages.ts';

/** Goes on to the next step, or, with the session of a sign-in, to the page that was asked for. */
export const submitOtp = (page: PageRequest, credential: StoredCredential): Promise<void> =>
  submitOtpOfJourney(page, credential, {
    onSuccess: ({ session, outcome, activationCode, receipt }) => {
      const { id, token, next = '', username } = credential;
      if (outcome === 'registered' && activationCode)
        return keepIssued(page, { act: 'registration', token, activationCode, receipt });
      // There is no password left that this browser could be known for.
      if (outcome === 'unsubscribed') page.clearEntries('browser');
      if (!session) return page.redirect(addressOfJourney(id, page.language));
      page.writeCookie('session', session.token);
      keepUsername(page, credential);
      if (username) keepBrowserToken(browserTokens(page), username, session.browserToken);
      page.redirectToPage(citizenPage(next) ?? 'my-clave');
    },
    showErrors: (errors, problem) => renderRefusal(page, credential, problem, errors),
  });

/** Returns to the same page with a notice of the code that was sent. */
export const resendOtp = (page: PageRequest, credential: StoredCredential): Promise<void> =>
  resendOtpOfJourney(page, credential, {
    onSuccess: () => {
      const { id, ...entry } = credential;
      page.writeEntry('journey', id, { ...entry, isResent: true });
      page.redirect(addressOfJourney(id, page.language));
    },
    showErrors: (errors, problem) => renderRefusal(page, credential, problem, errors),
  });
