import express from 'express';
import { bearer } from '../../client/client.ts';
import { registerCitizen } from '../../client/register-citizen.ts';
import { fullName } from '../../domain/identity/person-name.ts';
import { internationalPhone } from '../../domain/identity/spoken-phone.ts';
import type { FormError } from '../../web/forms/form-errors.ts';
import { submitForm } from '../../web/forms/submit-form.ts';
import type { PageRequest } from '../page-request/page-request.ts';
import { closeDesk, type Desk, type OfficerHandler, renderDesk, requireOfficer } from './desk-session.ts';
import { type Declared, languageOf, openPage, redirectToSealed, sealPage } from './sealed-pages.ts';

/** What the form contains, as it was typed. */
const declaredIn = (page: PageRequest): Declared => ({
  nationalId: page.field('nationalId'),
  givenName: page.field('givenName'),
  firstSurname: page.field('firstSurname'),
  secondSurname: page.field('secondSurname'),
  email: page.field('email'),
  phone: internationalPhone(page.field('phone')),
  language: languageOf(page.field('language')) ?? page.language,
});

const bodyOf = ({ secondSurname, ...declared }: Declared) => ({
  ...declared,
  ...(secondSurname.trim() && { secondSurname }),
});

const renderForm = (page: PageRequest, desk: Desk, data: Record<string, unknown> = {}, status = 200): void =>
  renderDesk(page, desk, 'registration', { values: { language: page.language }, ...data }, status);

/** The form with what was refused, which another language shows too. */
const renderRefused = (
  page: PageRequest,
  desk: Desk,
  declared: Declared,
  errors: readonly FormError[],
  status: number,
): void => {
  const id = sealPage(page, desk, { kind: 'registration', declared });
  const here = id && { here: `/${page.language}/desk/registration/${id}` };
  renderForm(page, desk, { values: declared, errors, ...here }, status);
};

const fieldOf = ({ code }: { code: string }) => (code === 'phone-in-use' ? 'phone' : undefined);

/** Has the API say what the act would replace, and shows it to the officer before anything is registered. */
const review: OfficerHandler = (page, desk) => {
  const declared = declaredIn(page);
  const body = { ...bodyOf(declared), review: true };
  return submitForm(page, {
    idempotencyParts: ['registration-review', ...Object.values(body).map(String)],
    send: (header) =>
      page.api.POST('/registrations', { body, params: { header }, headers: bearer(desk.token) }),
    onSuccess: (answer) => {
      const { known, takesPhone } = 'known' in answer ? answer : { known: null, takesPhone: false };
      const id = sealPage(page, desk, { kind: 'registration', declared, known, takesPhone });
      redirectToSealed(page, 'review', id);
    },
    onProblem: { 'not-authenticated': () => closeDesk(page) },
    fieldOf,
    errorScope: 'desk.error',
    showErrors: (errors, { status }) => renderRefused(page, desk, declared, errors, status),
  });
};

type Reviewed = NonNullable<ReturnType<typeof openPage<'registration'>>>;

/** Calls `handler` with the act that was reviewed; without one, the visitor begins anew. */
const withReviewed =
  (
    handler: (page: PageRequest, desk: Desk, reviewed: Reviewed & { id: string }) => Promise<void> | void,
  ): OfficerHandler =>
  (page, desk, request) => {
    const id = String(request.params['id']);
    const reviewed = openPage(page, desk, 'registration', id);
    return reviewed ? handler(page, desk, { id, ...reviewed }) : page.redirectToPage('desk-registration');
  };

const renderReview = (
  page: PageRequest,
  desk: Desk,
  { id, declared, known, takesPhone }: Reviewed & { id: string },
  errors: readonly FormError[] = [],
  status = 200,
): void =>
  renderDesk(
    page,
    desk,
    'review',
    { id, declared, known, takesPhone, name: fullName(declared), errors },
    status,
  );

/** Registers what was reviewed: the act itself. */
const register = withReviewed((page, desk, reviewed) => {
  const { declared, known } = reviewed;
  const body = bodyOf(declared);
  return submitForm(page, {
    idempotencyParts: ['registration', ...Object.values(body)],
    send: (header) => registerCitizen(page.api, { body, params: { header }, headers: bearer(desk.token) }),
    onSuccess: ({ activationCode, issuedAt }) => {
      const { language, nationalId, email, phone } = declared;
      const receipt = { language, activationCode, issuedAt, nationalId, name: fullName(declared) };
      const again = Boolean(known);
      const content = { kind: 'code', receipt: { ...receipt, declared: { email, phone } }, again } as const;
      redirectToSealed(page, 'code', sealPage(page, desk, content));
    },
    onProblem: { 'not-authenticated': () => closeDesk(page) },
    fieldOf,
    errorScope: 'desk.error',
    // After a 503 the same act is sent again; after a refusal the data are corrected.
    showErrors: (errors, { status }) =>
      status === 503
        ? renderReview(page, desk, reviewed, errors, status)
        : renderRefused(page, desk, declared, errors, status),
  });
});

/** A registration act: the officer enters what the citizen declares, reviews it, and hands over the activation code. */
export const registration = express
  .Router()
  .get(
    '/desk/registration',
    requireOfficer((page, desk) => renderForm(page, desk)),
  )
  // What was typed before: to be corrected, or kept over a new sign-in.
  .get(
    '/desk/registration/:id',
    requireOfficer((page, desk, request) => {
      const typed = openPage(page, desk, 'registration', request.params['id']);
      renderForm(page, desk, typed && { values: typed.declared });
    }),
  )
  .post(
    '/desk/registration',
    requireOfficer(review, (page, desk) => {
      const id = sealPage(page, desk, { kind: 'registration', declared: declaredIn(page) });
      return id ? `desk/registration/${id}` : 'desk/registration';
    }),
  )
  .get('/desk/review/:id', requireOfficer(withReviewed(renderReview)))
  .post('/desk/review/:id', requireOfficer(register));
