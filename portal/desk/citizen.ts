import express from 'express';
import { bearer } from '../../client/client.ts';
import { type FormError, requiredFieldErrors } from '../forms/form-errors.ts';
import type { PageRequest } from '../page-request/page-request.ts';
import { submitForm } from '../page-request/submit-form.ts';
import { sealReceipt } from './receipt.ts';
import { languageOf } from './registration.ts';
import { closeDesk, requireOfficer } from './require-officer.ts';

type OfficerHandler = (page: PageRequest, officeKey: string) => Promise<void> | void;

/** Renders the citizen whose DNI/NIE was entered, with the forms of the other actions; `errors` are those of such a form. */
function lookUp(
  page: PageRequest,
  officeKey: string,
  errors: readonly FormError[] = [],
  status = 200,
): Promise<void> {
  const nationalId = page.field('nationalId');
  const values = { nationalId, reason: page.field('reason'), language: page.language };
  return submitForm(page, {
    idempotencyParts: ['lookup', nationalId],
    send: () => page.api.POST('/citizen-lookups', { body: { nationalId }, headers: bearer(officeKey) }),
    onSuccess: (citizen) => page.render('desk/citizen.njk', { citizen, nationalId, values, errors }, status),
    onProblem: { 'not-authenticated': () => closeDesk(page) },
    fieldOf: () => 'nationalId',
    showErrors: (lookupErrors, problem) =>
      page.render('desk/citizen.njk', { values, errors: lookupErrors }, problem.status),
  });
}

/** Issues another activation code. */
function regenerateCode(page: PageRequest, officeKey: string): Promise<void> {
  const nationalId = page.field('nationalId');
  return submitForm(page, {
    idempotencyParts: ['regenerate', nationalId],
    send: (header) =>
      page.api.POST('/activation-codes', {
        body: { nationalId },
        params: { header },
        headers: bearer(officeKey),
      }),
    onSuccess: ({ activationCode, issuedAt }) => {
      const language = languageOf(page.field('language')) ?? page.language;
      const receipt = sealReceipt(page, officeKey, { language, activationCode, issuedAt, nationalId });
      page.render('desk/code.njk', { activationCode, receipt, headline: 'desk.code-issued' });
    },
    onProblem: { 'not-authenticated': () => closeDesk(page) },
    showErrors: (errors, { status }) => lookUp(page, officeKey, errors, status),
  });
}

function suspend(page: PageRequest, officeKey: string): Promise<void> {
  const required = requiredFieldErrors(page, 'reason');
  if (required.length > 0) return lookUp(page, officeKey, required, 422);
  const body = { nationalId: page.field('nationalId'), reason: page.field('reason') };
  return submitForm(page, {
    idempotencyParts: ['suspension', ...Object.values(body)],
    send: (header) => page.api.POST('/suspensions', { body, params: { header }, headers: bearer(officeKey) }),
    onSuccess: () => page.render('desk/suspended.njk'),
    onProblem: { 'not-authenticated': () => closeDesk(page) },
    showErrors: (errors, { status }) => lookUp(page, officeKey, errors, status),
  });
}

/** What the forms of the page do, by their field `action`; the form without it looks a citizen up. */
const actions: Readonly<Record<string, OfficerHandler>> = { regenerate: regenerateCode, suspend };

/** A registered citizen at the desk. Every request is a POST, so that no national id is in an address or a log. */
export const citizen = express
  .Router()
  .get(
    '/desk/citizen',
    requireOfficer((page) => page.render('desk/citizen.njk')),
  )
  .post(
    '/desk/citizen',
    requireOfficer((page, officeKey) => {
      const name = page.field('action');
      const action = (Object.hasOwn(actions, name) ? actions[name] : undefined) ?? lookUp;
      return action(page, officeKey);
    }),
  );
