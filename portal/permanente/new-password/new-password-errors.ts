import type { Problem } from '../../../client/client.ts';
import { type FormError, missingFieldErrors } from '../../forms/form-errors.ts';
import { fieldErrorText } from '../../views/wording.ts';
import type { Visitor } from '../../visitor/visitor.ts';
import { readPasswordPolicy } from './password-policy.ts';

/** What is wrong with a new password as it was typed, before anybody looks at it. */
export function newPasswordErrors(visitor: Visitor): FormError[] {
  const mistakes = missingFieldErrors(visitor, 'newPassword', 'repeat');
  const differs = visitor.field('newPassword') !== visitor.field('repeat');
  return mistakes.length === 0 && differs
    ? [{ field: 'repeat', text: fieldErrorText(visitor.t, 'repeat', 'mismatch') }]
    : mistakes;
}

/** The rules that a new password breaks, in the words in which they were shown. */
export async function brokenRuleErrors(visitor: Visitor, problem: Problem): Promise<FormError[]> {
  const { rules } = await readPasswordPolicy(visitor);
  const texts = (problem.errors ?? []).flatMap(
    ({ code }) => rules.find((rule) => rule.code === code)?.text ?? [],
  );
  return (texts.length > 0 ? texts : [problem.detail]).map((text) => ({
    ...{ field: 'newPassword', text },
    ...(texts.length > 1 && { brief: problem.detail }),
  }));
}
