import express from 'express';
import { bearer } from '../../client/client.ts';
import { registerCitizen } from '../../client/register-citizen.ts';
import { type Language, languages } from '../../domain/languages.ts';
import type { PageRequest } from '../page-request/page-request.ts';
import { submitForm } from '../page-request/submit-form.ts';
import { sealReceipt } from './receipt.ts';
import { closeDesk, requireOfficer } from './require-officer.ts';

const fields = ['nationalId', 'givenName', 'firstSurname', 'secondSurname', 'email', 'phone'] as const;

const renderForm = (page: PageRequest, data: Record<string, unknown> = {}, status = 200): void =>
  page.render('desk/registration.njk', { values: { language: page.language }, ...data }, status);

/** A registration act: the officer enters what the citizen declares, and hands over the activation code. */
export const registration = express
  .Router()
  .get(
    '/desk/registration',
    requireOfficer((page) => renderForm(page)),
  )
  .post(
    '/desk/registration',
    requireOfficer((page, officeKey) => {
      const { secondSurname, ...declared } = Object.fromEntries(
        fields.map((name) => [name, page.field(name)]),
      ) as Record<(typeof fields)[number], string>;
      const language = languageOf(page.field('language')) ?? page.language;
      const phone = withCountryCode(declared.phone);
      const body = { ...declared, phone, ...(secondSurname.trim() && { secondSurname }), language };
      return submitForm(page, {
        idempotencyParts: ['registration', ...Object.values(body)],
        send: (header) =>
          registerCitizen(page.api, { body, params: { header }, headers: bearer(officeKey) }),
        onSuccess: ({ activationCode, issuedAt }) => {
          const name = [declared.givenName, declared.firstSurname, secondSurname].map((part) => part.trim());
          const receipt = sealReceipt(page, officeKey, {
            language,
            activationCode,
            issuedAt,
            nationalId: declared.nationalId,
            name: name.filter(Boolean).join(' '),
            email: declared.email,
            phone,
          });
          page.render('desk/code.njk', { activationCode, receipt, headline: 'desk.registered' });
        },
        onProblem: { 'not-authenticated': () => closeDesk(page) },
        fieldOf: ({ code }) => (code === 'phone-in-use' ? 'phone' : undefined),
        showErrors: (errors, { status }) =>
          renderForm(page, { values: { ...body, secondSurname }, errors }, status),
      });
    }),
  );

/** A Spanish mobile number as people say it gets its country code; the API validates the rest. */
const withCountryCode = (phone: string): string =>
  /^[67](?:[ -]?\d){8}$/.test(phone.trim()) ? `+34 ${phone.trim()}` : phone;

/** The language that a form field names. */
export const languageOf = (text: string): Language | undefined => languages.find((one) => one === text);
