import express from 'express';
import { bearer } from '../../client/client.ts';
import { outcomeOf } from '../../client/outcome.ts';
import { type FormError, formErrorsOf, missingFieldErrors } from '../forms/form-errors.ts';
import type { Visitor } from '../visitor/visitor.ts';
import { sealReceipt } from './receipt.ts';
import { languageOf } from './registration.ts';
import { deskIsClosed, requireOfficer } from './require-officer.ts';

/** How a citizen stands, with what can be done about it; or the question whose it is. */
async function lookUp(
  visitor: Visitor,
  officeKey: string,
  { errors = [], status = 200 }: { errors?: readonly FormError[]; status?: number } = {},
): Promise<void> {
  const nationalId = visitor.field('nationalId');
  const found = await outcomeOf(
    visitor.api.POST('/citizen-lookups', { body: { nationalId }, headers: bearer(officeKey) }),
    visitor.language,
  );
  if (deskIsClosed(visitor, found)) return;
  const values = { nationalId, reason: visitor.field('reason'), language: visitor.language };
  if (found.ok)
    return visitor.render('desk/citizen.njk', { citizen: found.data, nationalId, values, errors }, status);
  const told = formErrorsOf(visitor, found).map((error) => ({ field: 'nationalId', ...error }));
  visitor.render('desk/citizen.njk', { values, errors: told }, found.problem.status);
}

async function regenerate(visitor: Visitor, officeKey: string): Promise<void> {
  const nationalId = visitor.field('nationalId');
  const made = await outcomeOf(
    visitor.api.POST('/activation-codes', {
      body: { nationalId },
      params: { header: { 'Idempotency-Key': visitor.idempotencyKey('regenerate', nationalId) } },
      headers: bearer(officeKey),
    }),
    visitor.language,
  );
  if (deskIsClosed(visitor, made)) return;
  if (!made.ok)
    return lookUp(visitor, officeKey, { errors: formErrorsOf(visitor, made), status: made.problem.status });
  const { activationCode, issuedAt } = made.data;
  const language = languageOf(visitor.field('language')) ?? visitor.language;
  const receipt = sealReceipt(visitor, officeKey, { language, activationCode, issuedAt, nationalId });
  visitor.render('desk/code.njk', { activationCode, receipt, headline: 'desk.code-issued' });
}

async function suspend(visitor: Visitor, officeKey: string): Promise<void> {
  const empty = missingFieldErrors(visitor, 'reason');
  if (empty.length > 0) return lookUp(visitor, officeKey, { errors: empty, status: 422 });
  const body = { nationalId: visitor.field('nationalId'), reason: visitor.field('reason') };
  const key = visitor.idempotencyKey('suspension', ...Object.values(body));
  const done = await outcomeOf(
    visitor.api.POST('/suspensions', {
      body,
      params: { header: { 'Idempotency-Key': key } },
      headers: bearer(officeKey),
    }),
    visitor.language,
  );
  if (deskIsClosed(visitor, done)) return;
  if (done.ok) return visitor.render('desk/suspended.njk');
  return lookUp(visitor, officeKey, { errors: formErrorsOf(visitor, done), status: done.problem.status });
}

const doings: Readonly<Record<string, typeof regenerate>> = { regenerate, suspend };

/** A registered citizen at the desk. Everything is asked by POST, so that no national id is in an address or a log. */
export const citizen = express
  .Router()
  .get(
    '/desk/citizen',
    requireOfficer(async (visitor) => visitor.render('desk/citizen.njk')),
  )
  .post(
    '/desk/citizen',
    requireOfficer((visitor, officeKey) => {
      const action = visitor.field('action');
      const doing = Object.hasOwn(doings, action) ? doings[action] : lookUp;
      return (doing ?? lookUp)(visitor, officeKey);
    }),
  );
