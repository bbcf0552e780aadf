import type { Problem } from '../../../client/client.ts';
import { type FormError, missing } from '../../forms/form-errors.ts';
import { fieldErrorText } from '../../views/wording.ts';
import type { Visitor } from '../../visitor/visitor.ts';
import { readPolicy } from './password-policy.ts';

/** What is wrong with a new password as it was typed, before anybody looks at it. */
export function mistakesIn(visitor: Visitor): FormError[] {
  const mistakes = missing(visitor, 'newPassword', 'repeat');
  const differs = visitor.field('newPassword') !== visitor.field('repeat');
  return mistakes.length === 0 && differs
    ? [{ field: 'repeat', text: fieldErrorText(visitor.say, 'repeat', 'mismatch') }]
    : mistakes;
}

/** The rules that a new password breaks, in the words in which they were shown. */
export async function brokenRules(visitor: Visitor, problem: Problem): Promise<FormError[]> {
  const { rules } = await readPolicy(visitor);
  const texts = (problem.errors ?? []).flatMap(
    ({ code }) => rules.find((rule) => rule.code === code)?.text ?? [],
  );
  return (texts.length > 0 ? texts : [problem.detail]).map((text) => ({
    ...{ field: 'newPassword', text },
    ...(texts.length > 1 && { brief: problem.detail }),
  }));
}
