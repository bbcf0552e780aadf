import type { CallResult } from '../../client/call-result.ts';
import type { Problem } from '../../client/client.ts';
import { hasOtherScript } from '../../domain/identity/latin-letters.ts';
import { normaliseTypedText } from '../../domain/typed-text.ts';
import { type ErrorScope, fieldErrorText, type Translate } from '../views/wording.ts';

/**
 * An error of a form. Without `field` it concerns the whole form; `target` is then the field to which the summary links, so
 * that the keyboard reaches the form from there.
 */
export interface FormError {
  readonly field?: string | undefined;
  readonly target?: string | undefined;
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

// A password may be made of spaces, and the API accepts one that is.
const secretFields: readonly string[] = ['password', 'currentPassword', 'newPassword', 'repeat'];

function isEmpty(form: SubmittedForm, field: string): boolean {
  const value = form.field(field);
  return (secretFields.includes(field) ? value : value.trim()) === '';
}

/** What a page adds to a problem of the API. */
interface ProblemDisplay {
  /** The field that the problem concerns, where the API names none. */
  readonly field?: string | undefined;
  /** The field to which the summary links otherwise. */
  readonly firstField?: string | undefined;
  /** Words in the place of the API's `detail`. */
  readonly text?: string | undefined;
  /** Of texts that go before the usual ones, where the visitor writes for somebody else. */
  readonly scope?: ErrorScope | undefined;
}

/**
 * A problem of the API as errors of the form. A malformed request has one error for each field; an empty field is called
 * required, whatever the API says of its format.
 */
export function formErrorsOf(
  form: SubmittedForm,
  { problem, retryAtMs }: Extract<CallResult<unknown>, { ok: false }>,
  { field, firstField, text = problem.detail, scope }: ProblemDisplay = {},
): FormError[] {
  if (problem.code === 'malformed-request' && problem.errors) {
    const fieldErrors = problem.errors.flatMap(({ pointer = '', code }) => {
      const name = pointer.slice(1);
      return name ? [{ field: name, text: textOf(form, name, code, scope) }] : [];
    });
    if (fieldErrors.length > 0) return fieldErrors;
  }
  return [
    { text: withWait(form.t, text, problem, retryAtMs), field, target: field ? undefined : firstField },
  ];
}

/** An empty field is required; one with letters of another script says that only Latin ones can be shown. */
function textOf(form: SubmittedForm, field: string, code: string, scope?: ErrorScope): string {
  if (isEmpty(form, field)) return fieldErrorText(form.t, field, 'required', scope);
  const isForeign = code === 'invalid-format' && hasOtherScript(normaliseTypedText(form.field(field)));
  return isForeign ? form.t('error.not-latin') : fieldErrorText(form.t, field, code, scope);
}

/** The words for a problem; after too many requests, with the time to wait. */
function withWait(t: Translate, text: string, { code }: Problem, retryAtMs?: number): string {
  if (code !== 'too-many-requests' || retryAtMs === undefined) return text;
  return `${text} ${waitText(t, retryAtMs - Date.now())}`;
}

/** How long to wait (ms) in the largest unit of which there are a few, rounded up. */
function waitText(t: Translate, waitMs: number): string {
  const seconds = Math.max(1, Math.ceil(waitMs / 1_000));
  if (seconds < 100) return t('error.retry-in-seconds', { seconds });
  const minutes = Math.ceil(seconds / 60);
  if (minutes < 100) return t('error.retry-in-minutes', { minutes });
  const hours = Math.ceil(minutes / 60);
  if (hours < 48) return t('error.retry-in-hours', { hours });
  return t('error.retry-in-days', { days: Math.ceil(hours / 24) });
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
