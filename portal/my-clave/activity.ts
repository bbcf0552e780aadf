import express from 'express';
import { resultOf } from '../../client/call-result.ts';
import { bearer } from '../../client/client.ts';
import { redirectToSignIn, requireSession } from '../page-request/require-session.ts';

/** What happened to the citizen's Cl@ve, newest first, a page at a time. */
export const activity = express.Router().get(
  '/activity',
  requireSession(async (page, token, request) => {
    const { before } = request.query;
    const query: { before?: string } = typeof before === 'string' ? { before } : {};
    const result = await resultOf(
      page.api.GET('/activity', { params: { query }, headers: bearer(token) }),
      page.language,
    );
    if (!result.ok) {
      const { code, status } = result.problem;
      if (code === 'not-authenticated') return redirectToSignIn(page);
      // The address was changed by hand.
      if (code === 'malformed-request') return page.redirectToPage('activity');
      return page.render('layout/unavailable.njk', {}, status);
    }
    page.render('my-clave/activity.njk', { ...result.data, isLatest: !('before' in query) });
  }),
);
