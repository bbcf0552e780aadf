import type { z } from 'zod';
import type { FieldProblem } from './problems.ts';

/** Maps zod's issues to the API's field problems: a JSON Pointer (below `root`) and a stable code each. */
export const fieldProblems = (error: z.ZodError, root = ''): FieldProblem[] =>
  error.issues.flatMap(fromIssue).map(({ pointer, code }) => ({ pointer: `${root}${pointer}`, code }));

type Issue = z.core.$ZodIssue;

function fromIssue(issue: Issue): FieldProblem[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({ pointer: pointerTo([...issue.path, key]), code: 'unknown-field' }));
  return [{ pointer: pointerTo(issue.path), code: codeOf(issue) }];
}

function codeOf(issue: Issue): string {
  if (issue.code === 'custom') return String(issue.params?.['code'] ?? 'invalid-format');
  if (issue.input === undefined) return 'required';
  switch (issue.code) {
    case 'invalid_type':
      return 'invalid-type';
    // Not a member of an enum; all our enums are of strings.
    case 'invalid_value':
      return typeof issue.input === 'string' ? 'invalid-format' : 'invalid-type';
    case 'too_big':
      return 'too-long';
    default:
      return 'invalid-format';
  }
}

const pointerTo = (path: readonly PropertyKey[]): string =>
  path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
