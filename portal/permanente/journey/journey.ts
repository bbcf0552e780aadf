import express, { type Request, type Response } from 'express';
import type { JourneyHandle } from '../../visitor/cookies.ts';
import { type Visitor, withVisitor } from '../../visitor/visitor.ts';
import { submitNewPassword } from './new-password.ts';
import { resendOtp, submitOtp } from './one-time-password.ts';
import { readJourney, renderCurrentStep, renderUnreadable } from './show.ts';

type Doing = (visitor: Visitor, held: JourneyHandle, request: Request, response: Response) => Promise<void>;

/** What each form of a journey's page does. */
const doings: Readonly<Record<string, Doing>> = {
  otp: submitOtp,
  resend: resendOtp,
  password: submitNewPassword,
};

const holding = (doing: Doing) =>
  withVisitor(async (visitor, request, response) => {
    const held = visitor.journeyHandle(String(request.params['id']));
    return held ? doing(visitor, held, request, response) : renderUnreadable(visitor, 404);
  });

/** Every journey once it has begun: one page, which shows the step that it is at. */
export const journey = express
  .Router()
  .get(
    '/journeys/:id',
    holding((visitor, held, request) =>
      renderCurrentStep(visitor, held, { resent: request.query['resent'] === '1' }),
    ),
  )
  .get(
    '/journeys/:id/state',
    // For the page's script: how far the text has come.
    holding(async (visitor, held, _request, response) => {
      const current = await readJourney(visitor, held);
      const { step = '', otp = undefined } = current.ok ? current.data.journey : {};
      const text = otp && visitor.t(`otp.delivery.${otp.delivery}`);
      response.json({ step, delivery: otp?.delivery, text });
    }),
  )
  .post(
    '/journeys/:id',
    holding(async (visitor, held, request, response) => {
      const doing = Object.hasOwn(doings, visitor.field('action')) && doings[visitor.field('action')];
      if (doing) return doing(visitor, held, request, response);
      visitor.render('layout/not-found.njk', {}, 400);
    }),
  );
