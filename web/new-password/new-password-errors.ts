import type { Problem } from '../../client/client.ts';
import { type FormError, requiredFieldErrors, type SubmittedForm } from '../forms/form-errors.ts';
import { fieldErrorText } from '../views/wording.ts';
import { type PolicyReader, readPasswordPolicy } from './password-policy.ts';

/** The errors of a new password that need no API: a field is empty, or the repetition differs. */
export function newPasswordErrors(page: SubmittedForm): FormError[] {
  const errors = requiredFieldErrors(page, 'newPassword', 'repeat');
  const differs = page.field('newPassword') !== page.field('repeat');
  return errors.length === 0 && differs
    ? [{ field: 'repeat', text: fieldErrorText(page.t, 'repeat', 'mismatch') }]
    : errors;
}

/** The codes of the rules that a refused password breaks. */
export const brokenRules = (problem: Problem): string[] => (problem.errors ?? []).map(({ code }) => code);

/** An error for each rule that a refused password breaks, in the words of the policy. */
export async function brokenRuleErrors(page: PolicyReader, problem: Problem): Promise<FormError[]> {
  const { rules } = await readPasswordPolicy(page);
  const texts = brokenRules(problem).flatMap(
    (broken) => rules.find(({ code }) => code === broken)?.text ?? [],
  );
  return (texts.length > 0 ? texts : [problem.detail]).map((text) => ({
    field: 'newPassword',
    text,
    ...(texts.length > 1 && { brief: problem.detail }),
  }));
}
