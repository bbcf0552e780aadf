import express, { type Request, type Response } from 'express';
import type { JourneyHandle } from '../../visitor/cookies.ts';
import { type Visitor, withVisitor } from '../../visitor/visitor.ts';
import { readJourney, renderCurrentStep, renderUnreadable } from './journey-pages.ts';
import { submitNewPassword } from './new-password.ts';
import { resendOtp, submitOtp } from './one-time-password.ts';

type JourneyHandler = (
  visitor: Visitor,
  handle: JourneyHandle,
  request: Request,
  response: Response,
) => Promise<void> | void;

/** What the forms of a journey do, by their field `action`. */
const actions: Readonly<Record<string, JourneyHandler>> = {
  otp: submitOtp,
  resend: resendOtp,
  password: submitNewPassword,
};

/** Requires a journey that this browser has started. */
const withJourney = (handler: JourneyHandler) =>
  withVisitor((visitor, request, response) => {
    const handle = visitor.journeyHandle(String(request.params['id']));
    return handle ? handler(visitor, handle, request, response) : renderUnreadable(visitor, 404);
  });

/** The page of every started journey, which shows the step that it is at. */
export const journey = express
  .Router()
  .get(
    '/journeys/:id',
    withJourney((visitor, handle, request) =>
      renderCurrentStep(visitor, handle, { resent: request.query['resent'] === '1' }),
    ),
  )
  .get(
    '/journeys/:id/state',
    // Polled by the page's script: the delivery of the SMS.
    withJourney(async (visitor, handle, _request, response) => {
      const current = await readJourney(visitor, handle);
      const { step = '', otp = undefined } = current.ok ? current.data.journey : {};
      const text = otp && visitor.t(`otp.delivery.${otp.delivery}`);
      response.json({ step, delivery: otp?.delivery, text });
    }),
  )
  .post(
    '/journeys/:id',
    withJourney((visitor, handle, request, response) => {
      const name = visitor.field('action');
      const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
      if (action) return action(visitor, handle, request, response);
      visitor.render('layout/not-found.njk', {}, 400);
    }),
  );
