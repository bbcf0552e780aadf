import express from 'express';
import { journeyState } from '../../../web/journey/journey.ts';
import type { StoredCredential } from '../../page-request/cookies.ts';
import { type PageRequest, withPageRequest } from '../../page-request/page-request.ts';
import { extendJourney } from './extension.ts';
import { renderCurrentStep, renderUnreadable } from './journey-pages.ts';
import { submitNewPassword } from './new-password.ts';
import { resendOtp, submitOtp } from './one-time-password.ts';

type JourneyHandler = (page: PageRequest, credential: StoredCredential) => Promise<void> | void;

/** What the forms of a journey do, by their field `action`. */
const actions: Readonly<Record<string, JourneyHandler>> = {
  otp: submitOtp,
  resend: resendOtp,
  password: submitNewPassword,
  extend: extendJourney,
};

/** Requires a journey that this browser has started. */
const withJourney = (handler: JourneyHandler) =>
  withPageRequest((page, request) => {
    const credential = page.journeyCredential(String(request.params['id']));
    return credential ? handler(page, credential) : renderUnreadable(page, 404);
  });

/** The page of every started journey, which shows the step that it is at. */
export const journey = express
  .Router()
  .get(
    '/journeys/:id',
    withJourney((page, { id, isResent = false, ...credential }) => {
      // Said once: a reload does not say it again.
      if (isResent) page.writeEntry('journey', id, credential);
      return renderCurrentStep(page, { id, ...credential }, { resent: isResent });
    }),
  )
  .get(
    '/journeys/:id/state',
    withJourney(async (page, credential) => page.json(await journeyState(page, credential))),
  )
  .post(
    '/journeys/:id',
    withJourney((page, credential) => {
      const name = page.field('action');
      const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
      if (action) return action(page, credential);
      page.render('layout/not-found.njk', {}, 400);
    }),
  );
