import { bearer } from '../../client/client.ts';
import { type FormError, requiredFieldErrors } from '../../web/forms/form-errors.ts';
import { submitForm } from '../../web/forms/submit-form.ts';
import {
  brokenRuleErrors,
  brokenRules,
  newPasswordErrors,
} from '../../web/new-password/new-password-errors.ts';
import { fieldErrorText } from '../../web/views/wording.ts';
import type { PageRequest } from '../page-request/page-request.ts';
import { forgetSession } from '../page-request/require-session.ts';
import { keepUsername } from '../page-request/username.ts';
import type { CertificateAct } from './acts.ts';
import type { ActErrors } from './certificate.ts';
import { keepIssued } from './issued.ts';
import type { CertificateVisit } from './visit.ts';

type Holder = NonNullable<CertificateVisit['holder']>;
/** A visit whose certificate has been redeemed. */
type RedeemedVisit = CertificateVisit & { readonly holder: Holder };
type ShowErrors = (errors: ActErrors) => Promise<void> | void;
type Act = (page: PageRequest, visit: RedeemedVisit, showErrors: ShowErrors) => Promise<void> | void;

/** Does the act of a visit with its certificate token, which opens this one call. */
export const doAct: Act = (page, visit, showErrors) => acts[visit.act](page, visit, showErrors);

const acts: Readonly<Record<CertificateAct, Act>> = {
  registration(page, { id, holder }, showErrors) {
    const errors: FormError[] = requiredFieldErrors(page, 'email', 'phone');
    if (page.field('accept') !== 'yes')
      errors.push({ field: 'accept', text: fieldErrorText(page.t, 'conditions', 'required') });
    if (errors.length > 0) return showErrors({ errors, status: 422 });
    const declared = { email: page.field('email'), phone: page.field('phone') };
    return submitForm(page, {
      idempotencyParts: ['online-registration', id, ...Object.values(declared)],
      send: (header) =>
        page.api.POST('/registrations/online', {
          body: { ...declared, language: page.language, accepted: true },
          params: { header },
          headers: bearer(holder.token),
        }),
      onSuccess: (started) => {
        page.clearEntry('certificate', id);
        page.redirectToStartedJourney(started, { username: holder.identity.nationalId });
      },
      firstField: 'email',
      fieldOf: ({ code }) => (code === 'phone-in-use' ? 'phone' : undefined),
      showErrors: (problems, { status }) => showErrors({ errors: problems, status }),
    });
  },

  'sign-in': (page, { id, holder }, showErrors) =>
    submitForm(page, {
      idempotencyParts: ['certificate-sign-in', id],
      send: (header) =>
        page.api.POST('/sessions/certificate', {
          body: {},
          params: { header },
          headers: bearer(holder.token),
        }),
      onSuccess: ({ session }) => {
        page.writeCookie('session', session.token);
        keepUsername(page, { username: holder.identity.nationalId });
        page.clearEntry('certificate', id);
        page.redirectToPage('my-clave');
      },
      showErrors: (errors, { status }) => showErrors({ errors, status }),
    }),

  'code-regeneration': (page, { id, act, holder }, showErrors) =>
    submitForm(page, {
      idempotencyParts: ['certificate-code', id],
      send: (header) =>
        page.api.POST('/activation-codes', { body: {}, params: { header }, headers: bearer(holder.token) }),
      onSuccess: ({ activationCode, receipt }) => {
        page.clearEntry('certificate', id);
        keepIssued(page, { act: act as 'code-regeneration', token: holder.token, activationCode, receipt });
      },
      showErrors: (errors, { status }) => showErrors({ errors, status }),
    }),

  'identification-renewal': (page, { id, holder }, showErrors) =>
    submitForm(page, {
      idempotencyParts: ['certificate-renewal', id],
      send: (header) =>
        page.api.POST('/identification-renewals', {
          body: {},
          params: { header },
          headers: bearer(holder.token),
        }),
      onSuccess: ({ lastStrongIdentification: { dueAt }, receipt }) => {
        page.clearEntry('certificate', id);
        keepIssued(page, { act: 'identification-renewal', token: holder.token, dueAt, receipt });
      },
      showErrors: (errors, { status }) => showErrors({ errors, status }),
    }),

  'password-change': (page, { id, holder }, showErrors) => {
    const errors = newPasswordErrors(page);
    if (errors.length > 0) return showErrors({ errors, status: 422 });
    const newPassword = page.field('newPassword');
    return submitForm(page, {
      idempotencyParts: ['certificate-password', id, newPassword],
      send: (header) =>
        page.api.POST('/password-changes', {
          body: { newPassword },
          params: { header },
          headers: bearer(holder.token),
        }),
      onSuccess: () => {
        page.clearEntry('certificate', id);
        forgetSession(page);
        page.render('certificate/done.njk', { act: 'password-change', here: page.actsAddress });
      },
      onProblem: {
        'password-refused': async (problem) =>
          showErrors({
            errors: await brokenRuleErrors(page, problem),
            broken: brokenRules(problem),
            status: problem.status,
          }),
      },
      firstField: 'newPassword',
      showErrors: (problems, { status }) => showErrors({ errors: problems, status }),
    });
  },

  unsubscription: (page, { id, holder }, showErrors) =>
    submitForm(page, {
      idempotencyParts: ['certificate-unsubscription', id],
      send: (header) =>
        page.api.POST('/unsubscriptions', { body: {}, params: { header }, headers: bearer(holder.token) }),
      onSuccess: () => {
        page.clearEntry('certificate', id);
        forgetSession(page);
        page.clearEntries('browser');
        page.render('certificate/done.njk', { act: 'unsubscription', here: page.actsAddress });
      },
      showErrors: (errors, { status }) => showErrors({ errors, status }),
    }),
};
