import type { Problem } from '../../client/client.ts';
import type { Outcome } from '../../client/outcome.ts';
import type { FormError, Visitor } from '../visitor/visitor.ts';

export type { FormError };

import { fieldErrorText } from '../views/wording.ts';

type Refused = Extract<Outcome<unknown>, { ok: false }>;

/**
 * A problem of the API as the errors of a form. `fields` are the form's own names by the API's pointers; a field left
 * empty is told as such, whatever the API says of its shape.
 */
export function formErrorsOf(
  visitor: Visitor,
  { problem, retryAtMs }: Refused,
  fields: Readonly<Record<string, string>> = {},
): FormError[] {
  if (problem.code === 'malformed-request' && problem.errors) {
    const known = problem.errors.flatMap(({ pointer = '', code }) => {
      const name = pointer.slice(1);
      const field = fields[name] ?? name;
      const told = visitor.field(field).trim() === '' ? 'required' : code;
      return field ? [{ field, text: fieldErrorText(visitor.t, field, told) }] : [];
    });
    if (known.length > 0) return known;
  }
  return [{ text: problemText(visitor, problem, retryAtMs) }];
}

/** A problem in the words of the API, which are in the visitor's language; with the hour, where there is one. */
export function problemText({ t }: Visitor, problem: Problem, retryAtMs?: number): string {
  if (problem.code !== 'too-many-requests' || retryAtMs === undefined) return problem.detail;
  const seconds = Math.max(1, Math.ceil((retryAtMs - Date.now()) / 1_000));
  return `${problem.detail} ${
    seconds < 100
      ? t('error.retry-in-seconds', { seconds })
      : t('error.retry-in-minutes', { minutes: Math.ceil(seconds / 60) })
  }`;
}

/** The errors of fields that must not be empty. */
export const missingFieldErrors = (visitor: Visitor, ...fields: string[]): FormError[] =>
  fields
    .filter((field) => visitor.field(field).trim() === '')
    .map((field) => ({ field, text: fieldErrorText(visitor.t, field, 'required') }));
