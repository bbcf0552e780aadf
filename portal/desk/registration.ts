import express from 'express';
import { bearer } from '../../client/client.ts';
import { outcomeOf } from '../../client/outcome.ts';
import { type Language, languages } from '../../domain/languages.ts';
import { formErrorsOf } from '../forms/form-errors.ts';
import type { Visitor } from '../visitor/visitor.ts';
import { sealReceipt } from './receipt.ts';
import { deskIsClosed, requireOfficer } from './require-officer.ts';

const fields = ['nationalId', 'givenName', 'firstSurname', 'secondSurname', 'email', 'phone'] as const;

const showForm = async (visitor: Visitor, data: Record<string, unknown> = {}, status = 200): Promise<void> =>
  visitor.render('desk/registration.njk', { values: { language: visitor.language }, ...data }, status);

/** A registration act: what the citizen declares, and the code that they take home. */
export const registration = express
  .Router()
  .get(
    '/desk/registration',
    requireOfficer((visitor) => showForm(visitor)),
  )
  .post(
    '/desk/registration',
    requireOfficer(async (visitor, officeKey) => {
      const { secondSurname, ...declared } = Object.fromEntries(
        fields.map((name) => [name, visitor.field(name)]),
      ) as Record<(typeof fields)[number], string>;
      const language = languageOf(visitor.field('language')) ?? visitor.language;
      const phone = withPrefix(declared.phone);
      const body = { ...declared, phone, ...(secondSurname.trim() && { secondSurname }), language };
      const key = visitor.idempotencyKey('registration', ...Object.values(body));
      const made = await outcomeOf(
        visitor.api.POST('/registrations', {
          body,
          params: { header: { 'Idempotency-Key': key } },
          headers: bearer(officeKey),
        }),
        visitor.language,
      );
      if (deskIsClosed(visitor, made)) return;
      if (!made.ok) {
        const errors = formErrorsOf(visitor, made).map((error) =>
          made.problem.code === 'phone-in-use' ? { ...error, field: 'phone' } : error,
        );
        return showForm(visitor, { values: { ...body, secondSurname }, errors }, made.problem.status);
      }
      const { activationCode, issuedAt } = made.data;
      const name = [declared.givenName, declared.firstSurname, secondSurname].map((part) => part.trim());
      const receipt = sealReceipt(visitor, officeKey, {
        ...{ language, activationCode, issuedAt, nationalId: declared.nationalId },
        ...{ name: name.filter(Boolean).join(' '), email: declared.email, phone },
      });
      visitor.render('desk/code.njk', { activationCode, receipt, headline: 'desk.registered' });
    }),
  );

/** A mobile of Spain as it is said at a desk gets its prefix; what else is wrong, the API tells. */
export const withPrefix = (phone: string): string =>
  /^[67](?:[ -]?\d){8}$/.test(phone.trim()) ? `+34 ${phone.trim()}` : phone;

/** The language that a form names. */
export const languageOf = (text: string): Language | undefined => languages.find((one) => one === text);
