import express from 'express';
import { citizen } from './citizen.ts';
import { code } from './code.ts';
import { extendDesk, renderDesk, requireOfficer } from './desk-session.ts';
import { registration } from './registration.ts';
import { deskSignIn } from './sign-in.ts';

/** The registration desk: officers register citizens, issue codes, look up and suspend. It never handles a password. */
export const desk = express
  .Router()
  .get(
    '/desk',
    requireOfficer((page, atDesk) => renderDesk(page, atDesk, 'desk')),
  )
  .post('/desk/session', extendDesk)
  .use(deskSignIn, registration, citizen, code);
