import type { Problem } from '../../../client/client.ts';
import { type FormError, requiredFieldErrors } from '../../forms/form-errors.ts';
import { fieldErrorText } from '../../views/wording.ts';
import type { Visitor } from '../../visitor/visitor.ts';
import { readPasswordPolicy } from './password-policy.ts';

/** The errors of a new password that need no API: a field is empty, or the repetition differs. */
export function newPasswordErrors(visitor: Visitor): FormError[] {
  const errors = requiredFieldErrors(visitor, 'newPassword', 'repeat');
  const differs = visitor.field('newPassword') !== visitor.field('repeat');
  return errors.length === 0 && differs
    ? [{ field: 'repeat', text: fieldErrorText(visitor.t, 'repeat', 'mismatch') }]
    : errors;
}

/** An error for each rule that a refused password breaks, in the words in which the page lists the rules. */
export async function brokenRuleErrors(visitor: Visitor, problem: Problem): Promise<FormError[]> {
  const { rules } = await readPasswordPolicy(visitor);
  const texts = (problem.errors ?? []).flatMap(
    ({ code }) => rules.find((rule) => rule.code === code)?.text ?? [],
  );
  return (texts.length > 0 ? texts : [problem.detail]).map((text) => ({
    field: 'newPassword',
    text,
    ...(texts.length > 1 && { brief: problem.detail }),
  }));
}
