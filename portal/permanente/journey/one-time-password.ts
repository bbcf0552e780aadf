import { bearer } from '../../../client/client.ts';
import { submitForm } from '../../../web/forms/submit-form.ts';
import { keepBrowserToken } from '../../../web/http/known-browser.ts';
import type { StoredCredential } from '../../page-request/cookies.ts';
import { browserTokens } from '../../page-request/known-browser.ts';
import type { PageRequest } from '../../page-request/page-request.ts';
import { keepUsername, usernameOf } from '../../page-request/username.ts';
import { addressOfJourney, citizenPage } from '../../pages.ts';
import { renderRefusal } from './journey-pages.ts';

/** [clave], "User activation", 2: the code of the SMS. The code of a sign-in opens a session. */
export function submitOtp(page: PageRequest, credential: StoredCredential): Promise<void> {
  const { id, token, next = '' } = credential;
  const otp = page.field('otp');
  return submitForm(page, {
    idempotencyParts: ['otp', id, otp],
    send: (header) =>
      page.api.POST('/journeys/{id}/otp', {
        body: { otp },
        params: { path: { id }, header },
        headers: bearer(token),
      }),
    firstField: 'otp',
    textOf: ({ reason }) => reason && page.t(`error.otp.${reason}`),
    onSuccess: ({ journey: { session, outcome } }) => {
      // There is no password left that this browser could be known for.
      if (outcome === 'unsubscribed') page.clearEntries('browser');
      if (!session) return page.redirect(addressOfJourney(id, page.language));
      page.writeCookie('session', session.token);
      const username = usernameOf(page, id);
      if (username) {
        keepUsername(page, username);
        keepBrowserToken(browserTokens(page), username, session.browserToken);
      } else page.clearCookie('username');
      page.redirectToPage(citizenPage(next) ?? 'my-clave');
    },
    // 429 and 503 do not concern the entered code: their errors are shown for the whole form.
    fieldOf: ({ status }) => (status < 429 ? 'otp' : undefined),
    showErrors: (errors, problem) => renderRefusal(page, credential, problem, errors),
  });
}

/** Sends another SMS code, and returns to the same page with a notice of it. */
export function resendOtp(page: PageRequest, credential: StoredCredential): Promise<void> {
  const { id, token, ...entry } = credential;
  return submitForm(page, {
    idempotencyParts: ['resend', id],
    send: (header) =>
      page.api.POST('/journeys/{id}/otp/resend', {
        params: { path: { id }, header },
        headers: bearer(token),
      }),
    firstField: 'otp',
    textOf: ({ code }) => (code === 'too-many-requests' ? page.t('otp.too-early') : undefined),
    onSuccess: () => {
      page.writeEntry('journey', id, { ...entry, token, isResent: true });
      page.redirect(addressOfJourney(id, page.language));
    },
    showErrors: (errors, problem) => renderRefusal(page, credential, problem, errors),
  });
}
