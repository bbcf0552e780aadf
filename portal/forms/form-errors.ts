import type { CallResult } from '../../client/call-result.ts';
import type { Problem } from '../../client/client.ts';
import { type ErrorScope, fieldErrorText, type Translate } from '../views/wording.ts';

/** An error of a form. Without `field` it concerns the whole form. */
export interface FormError {
  readonly field?: string | undefined;
  readonly text: string;
  /** A shorter text beside the field, where several errors concern it. */
  readonly brief?: string;
}

/** A submitted form, in the visitor's language. */
export interface SubmittedForm {
  readonly t: Translate;
  /** The value of a field; empty if it is absent. */
  field(name: string): string;
}

const isEmpty = (form: SubmittedForm, field: string): boolean => form.field(field).trim() === '';

/**
 * A problem of the API as errors of the form. A malformed request has one error for each field; an empty field is called
 * required, whatever the API says of its format. `field`: the field that any other problem concerns. `scope`: of texts that
 * go before the usual ones, where the visitor writes for somebody else.
 */
export function formErrorsOf(
  form: SubmittedForm,
  { problem, retryAtMs }: Extract<CallResult<unknown>, { ok: false }>,
  { field, scope }: { readonly field?: string | undefined; readonly scope?: ErrorScope | undefined } = {},
): FormError[] {
  if (problem.code === 'malformed-request' && problem.errors) {
    const fieldErrors = problem.errors.flatMap(({ pointer = '', code }) => {
      const name = pointer.slice(1);
      const text = fieldErrorText(form.t, name, isEmpty(form, name) ? 'required' : code, scope);
      return name ? [{ field: name, text }] : [];
    });
    if (fieldErrors.length > 0) return fieldErrors;
  }
  return [{ text: problemText(form.t, problem, retryAtMs), ...(field && { field }) }];
}

/** The API's words for a problem, in the visitor's language; after too many requests, with the time to wait. */
function problemText(t: Translate, problem: Problem, retryAtMs?: number): string {
  if (problem.code !== 'too-many-requests' || retryAtMs === undefined) return problem.detail;
  const seconds = Math.max(1, Math.ceil((retryAtMs - Date.now()) / 1_000));
  return `${problem.detail} ${
    seconds < 100
      ? t('error.retry-in-seconds', { seconds })
      : t('error.retry-in-minutes', { minutes: Math.ceil(seconds / 60) })
  }`;
}

/** An error for each of the fields that is empty. */
export const requiredFieldErrors = (form: SubmittedForm, ...fields: string[]): FormError[] =>
  fields
    .filter((field) => isEmpty(form, field))
    .map((field) => ({ field, text: fieldErrorText(form.t, field, 'required') }));

/** The text beside each field: that of its first error. */
export const fieldErrorTexts = (errors: readonly FormError[]): Record<string, string> =>
  Object.fromEntries(
    errors.toReversed().flatMap(({ field, text, brief }) => (field ? [[field, brief ?? text]] : [])),
  );
