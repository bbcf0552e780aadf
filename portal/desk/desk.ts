import express from 'express';
import { citizen } from './citizen.ts';
import { receipt } from './receipt-download.ts';
import { registration } from './registration.ts';
import { requireOfficer } from './require-officer.ts';
import { deskSignIn } from './sign-in.ts';

/** The registration desk: officers register citizens, issue codes, look up and suspend. It never handles a password. */
export const desk = express
  .Router()
  .get(
    '/desk',
    requireOfficer((page) => page.render('desk/desk.njk')),
  )
  .use(deskSignIn, registration, citizen, receipt);
