import express from 'express';
import { bearer } from '../../client/client.ts';
import { type FormError, requiredFieldErrors } from '../forms/form-errors.ts';
import { submitForm } from '../visitor/submit-form.ts';
import type { Visitor } from '../visitor/visitor.ts';
import { sealReceipt } from './receipt.ts';
import { languageOf } from './registration.ts';
import { closeDesk, requireOfficer } from './require-officer.ts';

type OfficerHandler = (visitor: Visitor, officeKey: string) => Promise<void> | void;

/** Renders the citizen whose DNI/NIE was entered, with the forms of the other actions; `errors` are those of such a form. */
function lookUp(
  visitor: Visitor,
  officeKey: string,
  errors: readonly FormError[] = [],
  status = 200,
): Promise<void> {
  const nationalId = visitor.field('nationalId');
  const values = { nationalId, reason: visitor.field('reason'), language: visitor.language };
  return submitForm(visitor, {
    content: ['lookup', nationalId],
    send: () => visitor.api.POST('/citizen-lookups', { body: { nationalId }, headers: bearer(officeKey) }),
    onSuccess: (citizen) =>
      visitor.render('desk/citizen.njk', { citizen, nationalId, values, errors }, status),
    onProblem: { 'not-authenticated': () => closeDesk(visitor) },
    fieldOf: () => 'nationalId',
    showErrors: (lookupErrors, problem) =>
      visitor.render('desk/citizen.njk', { values, errors: lookupErrors }, problem.status),
  });
}

/** Issues another activation code. */
function regenerateCode(visitor: Visitor, officeKey: string): Promise<void> {
  const nationalId = visitor.field('nationalId');
  return submitForm(visitor, {
    content: ['regenerate', nationalId],
    send: (header) =>
      visitor.api.POST('/activation-codes', {
        body: { nationalId },
        params: { header },
        headers: bearer(officeKey),
      }),
    onSuccess: ({ activationCode, issuedAt }) => {
      const language = languageOf(visitor.field('language')) ?? visitor.language;
      const receipt = sealReceipt(visitor, officeKey, { language, activationCode, issuedAt, nationalId });
      visitor.render('desk/code.njk', { activationCode, receipt, headline: 'desk.code-issued' });
    },
    onProblem: { 'not-authenticated': () => closeDesk(visitor) },
    showErrors: (errors, { status }) => lookUp(visitor, officeKey, errors, status),
  });
}

function suspend(visitor: Visitor, officeKey: string): Promise<void> {
  const required = requiredFieldErrors(visitor, 'reason');
  if (required.length > 0) return lookUp(visitor, officeKey, required, 422);
  const body = { nationalId: visitor.field('nationalId'), reason: visitor.field('reason') };
  return submitForm(visitor, {
    content: ['suspension', ...Object.values(body)],
    send: (header) =>
      visitor.api.POST('/suspensions', { body, params: { header }, headers: bearer(officeKey) }),
    onSuccess: () => visitor.render('desk/suspended.njk'),
    onProblem: { 'not-authenticated': () => closeDesk(visitor) },
    showErrors: (errors, { status }) => lookUp(visitor, officeKey, errors, status),
  });
}

/** What the forms of the page do, by their field `action`; the form without it looks a citizen up. */
const actions: Readonly<Record<string, OfficerHandler>> = { regenerate: regenerateCode, suspend };

/** A registered citizen at the desk. Every request is a POST, so that no national id is in an address or a log. */
export const citizen = express
  .Router()
  .get(
    '/desk/citizen',
    requireOfficer((visitor) => visitor.render('desk/citizen.njk')),
  )
  .post(
    '/desk/citizen',
    requireOfficer((visitor, officeKey) => {
      const name = visitor.field('action');
      const action = (Object.hasOwn(actions, name) ? actions[name] : undefined) ?? lookUp;
      return action(visitor, officeKey);
    }),
  );
