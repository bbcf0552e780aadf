import express from 'express';
import { bearer } from '../../client/client.ts';
import { type Language, languages } from '../../domain/languages.ts';
import { submitForm } from '../visitor/submit-form.ts';
import type { Visitor } from '../visitor/visitor.ts';
import { sealReceipt } from './receipt.ts';
import { closeDesk, requireOfficer } from './require-officer.ts';

const fields = ['nationalId', 'givenName', 'firstSurname', 'secondSurname', 'email', 'phone'] as const;

const renderForm = (visitor: Visitor, data: Record<string, unknown> = {}, status = 200): void =>
  visitor.render('desk/registration.njk', { values: { language: visitor.language }, ...data }, status);

/** A registration act: the officer enters what the citizen declares, and hands over the activation code. */
export const registration = express
  .Router()
  .get(
    '/desk/registration',
    requireOfficer((visitor) => renderForm(visitor)),
  )
  .post(
    '/desk/registration',
    requireOfficer((visitor, officeKey) => {
      const { secondSurname, ...declared } = Object.fromEntries(
        fields.map((name) => [name, visitor.field(name)]),
      ) as Record<(typeof fields)[number], string>;
      const language = languageOf(visitor.field('language')) ?? visitor.language;
      const phone = withCountryCode(declared.phone);
      const body = { ...declared, phone, ...(secondSurname.trim() && { secondSurname }), language };
      return submitForm(visitor, {
        content: ['registration', ...Object.values(body)],
        send: (header) =>
          visitor.api.POST('/registrations', { body, params: { header }, headers: bearer(officeKey) }),
        onSuccess: ({ activationCode, issuedAt }) => {
          const name = [declared.givenName, declared.firstSurname, secondSurname].map((part) => part.trim());
          const receipt = sealReceipt(visitor, officeKey, {
            language,
            activationCode,
            issuedAt,
            nationalId: declared.nationalId,
            name: name.filter(Boolean).join(' '),
            email: declared.email,
            phone,
          });
          visitor.render('desk/code.njk', { activationCode, receipt, headline: 'desk.registered' });
        },
        onProblem: { 'not-authenticated': () => closeDesk(visitor) },
        fieldOf: ({ code }) => (code === 'phone-in-use' ? 'phone' : undefined),
        showErrors: (errors, { status }) =>
          renderForm(visitor, { values: { ...body, secondSurname }, errors }, status),
      });
    }),
  );

/** A Spanish mobile number as people say it gets its country code; the API validates the rest. */
const withCountryCode = (phone: string): string =>
  /^[67](?:[ -]?\d){8}$/.test(phone.trim()) ? `+34 ${phone.trim()}` : phone;

/** The language that a form field names. */
export const languageOf = (text: string): Language | undefined => languages.find((one) => one === text);
