import express, { type Request, type Response } from 'express';
import type { StoredCredential } from '../../page-request/cookies.ts';
import { type PageRequest, withPageRequest } from '../../page-request/page-request.ts';
import { extendJourney } from './extension.ts';
import { readJourney, renderCurrentStep, renderUnreadable } from './journey-pages.ts';
import { submitNewPassword } from './new-password.ts';
import { resendOtp, submitOtp } from './one-time-password.ts';

type JourneyHandler = (
  page: PageRequest,
  credential: StoredCredential,
  request: Request,
  response: Response,
) => Promise<void> | void;

/** What the forms of a journey do, by their field `action`. */
const actions: Readonly<Record<string, JourneyHandler>> = {
  otp: submitOtp,
  resend: resendOtp,
  password: submitNewPassword,
  extend: extendJourney,
};

/** Requires a journey that this browser has started. */
const withJourney = (handler: JourneyHandler) =>
  withPageRequest((page, request, response) => {
    const credential = page.journeyCredential(String(request.params['id']));
    return credential ? handler(page, credential, request, response) : renderUnreadable(page, 404);
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
    // Polled by the page's script: the delivery of the SMS.
    withJourney(async (page, credential, _request, response) => {
      const current = await readJourney(page, credential);
      const { step = '', otp = undefined } = current.ok ? current.data.journey : {};
      const text = otp && page.t(`otp.delivery.${otp.delivery}`);
      response.json({ step, delivery: otp?.delivery, text });
    }),
  )
  .post(
    '/journeys/:id',
    withJourney((page, credential, request, response) => {
      const name = page.field('action');
      const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
      if (action) return action(page, credential, request, response);
      page.render('layout/not-found.njk', {}, 400);
    }),
  );
