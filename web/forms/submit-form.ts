import { resultOf } from '../../client/call-result.ts';
import type { Problem, Reply } from '../../client/client.ts';
import type { Language } from '../../domain/languages.ts';
import type { ErrorScope } from '../views/wording.ts';
import { type FormError, formErrorsOf, type SubmittedForm } from './form-errors.ts';

/** What a submission needs of the request for a page. */
export interface FormRequest extends SubmittedForm {
  readonly language: Language;
  /** The idempotency key of the submitted form, of which `parts` are the name and the values. */
  idempotencyKey(...parts: string[]): string;
}

/** How a page posts its form to the API and responds. */
interface FormSubmission<Data> {
  /**
   * Input of the idempotency key: a name for the form, and every value sent. If a value is missing here, a corrected form
   * reuses its key and the API refuses it (422 `idempotency-key-reused`).
   */
  readonly idempotencyParts: readonly string[];
  /** Calls the API. `header` carries the idempotency key. */
  readonly send: (header: { readonly 'Idempotency-Key': string }) => Promise<Reply<Data>>;
  readonly onSuccess: (data: NonNullable<Data>) => Promise<void> | void;
  /** Problems that have an answer of their own. */
  readonly onProblem?: Partial<Record<Problem['code'], (problem: Problem) => Promise<void> | void>>;
  /** The field that a problem concerns, where the API names none. */
  readonly fieldOf?: (problem: Problem) => string | undefined;
  /** The field to which the summary links if an error concerns the whole form. */
  readonly firstField?: string;
  /** Words for a problem in the place of the API's. */
  readonly textOf?: (problem: Problem) => string | undefined;
  /** As in `formErrorsOf`. */
  readonly errorScope?: ErrorScope;
  /** Shows the form again, for any other problem. */
  readonly showErrors: (errors: readonly FormError[], problem: Problem) => Promise<void> | void;
}

/** Posts a form to the API and goes on to what follows, or shows the form with its errors. */
export async function submitForm<Data>(
  page: FormRequest,
  {
    idempotencyParts,
    send,
    onSuccess,
    onProblem = {},
    fieldOf,
    firstField,
    textOf,
    errorScope: scope,
    showErrors,
  }: FormSubmission<Data>,
): Promise<void> {
  const header = { 'Idempotency-Key': page.idempotencyKey(...idempotencyParts) };
  const result = await resultOf(send(header), page.language);
  if (result.ok) return onSuccess(result.data);
  const { problem } = result;
  const answer = onProblem[problem.code];
  if (answer) return answer(problem);
  const display = { field: fieldOf?.(problem), firstField, text: textOf?.(problem), scope };
  return showErrors(formErrorsOf(page, result, display), problem);
}
