import express from 'express';
import { resultOf } from '../../../client/call-result.ts';
import { bearer } from '../../../client/client.ts';
import { type FormError, requiredFieldErrors } from '../../../web/forms/form-errors.ts';
import { submitForm } from '../../../web/forms/submit-form.ts';
import { browserTokenOf, keepBrowserToken } from '../../../web/http/known-browser.ts';
import { browserTokens } from '../../page-request/known-browser.ts';
import { withPageRequest } from '../../page-request/page-request.ts';
import { forgetSession } from '../../page-request/require-session.ts';
import { keepUsername, usernameIn } from '../../page-request/username.ts';
import { citizenPage } from '../../pages.ts';

// Why the visitor was redirected here: `?why=`, and the key of the notice.
const reasons: readonly string[] = ['needed', 'ended', 'signed-out'];

/** Signing in, with an SMS code too if the citizen asks for it. An expired password leads to its renewal. [clave] */
export const signIn = express
  .Router()
  .get(
    '/sign-in',
    withPageRequest((page, request) => {
      const why = String(request.query['why']);
      page.render('identification/sign-in/sign-in.njk', {
        indexed: true,
        why: reasons.includes(why) ? why : undefined,
        next: citizenPage(String(request.query['next'])),
      });
    }),
  )
  .post(
    '/sign-in',
    withPageRequest((page) => {
      const nationalId = page.field('nationalId');
      const reinforced = page.field('reinforced');
      const next = citizenPage(page.field('next'));
      const renderErrors = (errors: readonly FormError[], status: number) =>
        page.render(
          'identification/sign-in/sign-in.njk',
          { errors, next, values: { nationalId, reinforced } },
          status,
        );
      const required = requiredFieldErrors(page, 'nationalId', 'password');
      if (required.length > 0) return renderErrors(required, 422);

      const username = usernameIn(nationalId);
      const password = page.field('password');
      const assurance = reinforced === 'yes' ? 'substantial' : 'basic';
      const browser = browserTokenOf(browserTokens(page), nationalId);
      const body = { nationalId, password, assurance, ...(browser && { browser }) } as const;
      return submitForm(page, {
        idempotencyParts: ['sign-in', ...Object.values(body)],
        send: (header) => page.api.POST('/sessions', { body, params: { header } }),
        onSuccess: (opened) => {
          if ('journey' in opened)
            return page.redirectToStartedJourney(opened, { ...username, ...(next && { next }) });
          page.writeCookie('session', opened.session.token);
          keepUsername(page, username);
          keepBrowserToken(browserTokens(page), nationalId, opened.session.browserToken);
          page.redirectToPage(next ?? 'my-clave');
        },
        onProblem: {
          'password-expired': ({ journey, token, detail, status }) =>
            journey && token
              ? page.redirectToStartedJourney({ journey, token }, { ...username, isRenewal: true })
              : renderErrors([{ text: detail }], status),
        },
        firstField: 'nationalId',
        showErrors: (errors, { status }) => renderErrors(errors, status),
      });
    }),
  )
  .post(
    '/sign-out',
    withPageRequest(async (page) => {
      const token = page.readCookie('session');
      if (token)
        await resultOf(page.api.DELETE('/sessions/current', { headers: bearer(token) }), page.language);
      forgetSession(page);
      // The next person at this browser must not continue a journey or an act of this one.
      page.clearEntries('journey');
      page.clearEntries('certificate');
      page.clearEntries('issued');
      page.redirectToPage('sign-in', '?why=signed-out');
    }),
  );
