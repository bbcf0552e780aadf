import express, { type Request, type Response } from 'express';
import type { HeldJourney } from '../../visitor/cookies.ts';
import { forVisitor, type Visitor } from '../../visitor/visitor.ts';
import { newPassword } from './new-password.ts';
import { enterOtp, resendOtp } from './one-time-password.ts';
import { read, showAgain, showUnreadable } from './show.ts';

type Doing = (visitor: Visitor, held: HeldJourney, request: Request, response: Response) => Promise<void>;

/** What each form of a journey's page does. */
const doings: Readonly<Record<string, Doing>> = { otp: enterOtp, resend: resendOtp, password: newPassword };

const holding = (doing: Doing) =>
  forVisitor(async (visitor, request, response) => {
    const held = visitor.held(String(request.params['id']));
    return held ? doing(visitor, held, request, response) : showUnreadable(visitor, 404);
  });

/** Every journey once it has begun: one page, which shows the step that it is at. */
export const journey = express
  .Router()
  .get(
    '/journeys/:id',
    holding((visitor, held, request) =>
      showAgain(visitor, held, { resent: request.query['resent'] === '1' }),
    ),
  )
  .get(
    '/journeys/:id/state',
    // For the page's script: how far the text has come.
    holding(async (visitor, held, _request, response) => {
      const current = await read(visitor, held);
      const { step = '', otp = undefined } = current.ok ? current.data.journey : {};
      const text = otp && visitor.say(`otp.delivery.${otp.delivery}`);
      response.json({ step, delivery: otp?.delivery, text });
    }),
  )
  .post(
    '/journeys/:id',
    holding(async (visitor, held, request, response) => {
      const doing = Object.hasOwn(doings, visitor.field('action')) && doings[visitor.field('action')];
      if (doing) return doing(visitor, held, request, response);
      visitor.show('layout/not-found.njk', {}, 400);
    }),
  );
