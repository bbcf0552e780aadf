import type { Problem, Reply } from '../../client/client.ts';
import { outcomeOf } from '../../client/outcome.ts';
import { type FormError, formErrorsOf } from '../forms/form-errors.ts';
import type { Visitor } from './visitor.ts';

/** How a page posts its form to the API and answers the visitor. */
interface FormSubmission<Data> {
  /** Names the form and holds everything that is sent: equal content of one rendering has one idempotency key. */
  readonly content: readonly string[];
  /** Calls the API. `header` carries the idempotency key. */
  readonly send: (header: { readonly 'Idempotency-Key': string }) => Promise<Reply<Data>>;
  readonly onSuccess: (data: NonNullable<Data>) => Promise<void> | void;
  /** Problems that have an answer of their own. */
  readonly onProblem?: Partial<Record<Problem['code'], (problem: Problem) => Promise<void> | void>>;
  /** The field that a problem concerns, where the API names none. */
  readonly fieldOf?: (problem: Problem) => string | undefined;
  /** Shows the form again, for any other problem. */
  readonly showErrors: (errors: readonly FormError[], problem: Problem) => Promise<void> | void;
}

/** Posts a form to the API and goes on to what follows, or shows the form with its errors. */
export async function submitForm<Data>(
  visitor: Visitor,
  { content, send, onSuccess, onProblem = {}, fieldOf, showErrors }: FormSubmission<Data>,
): Promise<void> {
  const header = { 'Idempotency-Key': visitor.idempotencyKey(...content) };
  const outcome = await outcomeOf(send(header), visitor.language);
  if (outcome.ok) return onSuccess(outcome.data);
  const { problem } = outcome;
  const answer = onProblem[problem.code];
  if (answer) return answer(problem);
  return showErrors(formErrorsOf(visitor, outcome, fieldOf?.(problem)), problem);
}
