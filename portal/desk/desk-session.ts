import type { Request, RequestHandler, Response } from 'express';
import { resultOf } from '../../client/call-result.ts';
import { bearer } from '../../client/client.ts';
import { timeText } from '../../platform/date-texts.ts';
import { answerExtension, timeLimit } from '../../web/forms/time-limit.ts';
import { type PageRequest, withPageRequest } from '../page-request/page-request.ts';
import { addressOfPage } from '../pages.ts';

/** An officer at the desk, as the API last told. */
export interface Desk {
  readonly token: string;
  readonly officer: { readonly id: string; readonly name: string; readonly office: string };
  /** When the session ends: unused, and in any case (ISO 8601). Absent while the API does not answer. */
  readonly ends?: { readonly idleAt: string; readonly expiresAt: string };
}

export type OfficerHandler = (
  page: PageRequest,
  desk: Desk,
  request: Request,
  response: Response,
) => Promise<void> | void;

/** Keeps what a form contains over a new sign-in, and returns the page below the language that shows it again. */
export type KeepForm = (page: PageRequest, desk: Pick<Desk, 'officer'>, request: Request) => string;

/** The session that the API has opened, in a sealed cookie. The key is kept nowhere. */
export const openDesk = (page: PageRequest, { token, officer }: Omit<Desk, 'ends'>): void =>
  page.writeCookie('desk', { token, officer });

/**
 * Calls `handler` with the officer whose session the API confirms; any other visitor is redirected to the desk's sign-in,
 * and comes back from there to the same page, with what `keepForm` has kept.
 */
export const requireOfficer = (handler: OfficerHandler, keepForm: KeepForm = pathOf): RequestHandler =>
  withPageRequest(async (page, request, response) => {
    const kept = page.readCookie('desk');
    if (!kept) {
      page.writeCookie('deskReturn', pathOf(page, undefined, request));
      return page.redirectToPage('desk-sign-in');
    }
    const call = page.api.GET('/desk-sessions/current', { headers: bearer(kept.token) });
    const current = await resultOf(call, page.language);
    if (!current.ok && current.problem.code === 'not-authenticated') {
      page.writeCookie('deskReturn', keepForm(page, kept, request));
      return closeDesk(page);
    }
    // A form is shown again by its handler, which the API refuses as well. Nothing else is shown to who may have signed out.
    if (!current.ok && request.method === 'POST') return handler(page, kept, request, response);
    if (!current.ok) return page.render('layout/unavailable.njk', {}, current.problem.status);
    const { officer, idleAt, expiresAt } = current.data;
    return handler(page, { token: kept.token, officer, ends: { idleAt, expiresAt } }, request, response);
  });

/** The path of a request below the language. */
function pathOf(_page: PageRequest, _desk: unknown, request: Request): string {
  return request.path.replace(/^\//, '');
}

/**
 * Redirects to the desk's sign-in, when the session is over. The cookie stays, with a token that opens nothing, because a
 * form in another tab needs it to keep what was typed for the same officer.
 */
export const closeDesk = (page: PageRequest): void => page.redirectToPage('desk-sign-in', '?ended=1');

/** When the session ends, in words. */
const endsText = (page: PageRequest, { idleAt, expiresAt }: NonNullable<Desk['ends']>): string =>
  page.t('desk.ends', {
    hour: timeText(idleAt, page.language),
    limit: timeText(expiresAt, page.language),
  });

/** Keeps the session open, and tells when it ends now. */
export const extendDesk = withPageRequest(async (page) => {
  const kept = page.readCookie('desk');
  const call = kept && page.api.GET('/desk-sessions/current', { headers: bearer(kept.token) });
  const current = call && (await resultOf(call, page.language));
  const ends = current?.ok ? current.data : undefined;
  const backTo = addressOfPage('desk', page.language);
  answerExtension(page, ends?.idleAt, { text: () => (ends ? endsText(page, ends) : ''), backTo });
});

/** The page to return to after a sign-in: one of the desk's. */
export function takeReturn(page: PageRequest): string {
  const path = page.readCookie('deskReturn') ?? '';
  page.clearCookie('deskReturn');
  return /^desk(\/[\w-]+)*$/.test(path) ? path : 'desk';
}

/** Renders a page of the desk: with the officer, and when the session ends. */
export const renderDesk = (
  page: PageRequest,
  desk: Desk,
  template: string,
  data: Record<string, unknown> = {},
  status = 200,
): void => {
  const { officer, ends } = desk;
  const session = ends && {
    endsText: endsText(page, ends),
    // A form that is sent afterwards is kept over the new sign-in.
    timeLimit: {
      ...timeLimit(ends.idleAt, `/${page.language}/desk/session`, 'session'),
      over: page.t('desk.ended'),
    },
  };
  page.render(`desk/${template}.njk`, { officer, ...session, ...data }, status);
};
