/** What the tests made of a mutation. `detail`: the failed test, or why they did not run. */
export type Outcome =
  | { readonly kind: 'red'; readonly detail: string; readonly message: string }
  | { readonly kind: 'survived' }
  | { readonly kind: 'did-not-run'; readonly detail: string };

/** A line of `test/run/first-failure.mjs`. */
export type TestResult =
  | { readonly file: string; readonly failed: string; readonly message: string }
  | { readonly file: string; readonly broken: string }
  | { readonly file: string; readonly passed: number };

/**
 * The outcome of a run of `files`. A file that could not be loaded, or whose servers could not start, says nothing about the
 * promise: it did not run. `output`: what Jest printed, for that case.
 */
export function outcomeOf(results: readonly TestResult[], files: readonly string[], output: string): Outcome {
  const failed = results.find((result) => 'failed' in result);
  if (failed)
    return { kind: 'red', detail: `${failed.file}: “${failed.failed}”`, message: firstLine(failed.message) };
  const broken = results.find((result) => 'broken' in result);
  if (broken) return { kind: 'did-not-run', detail: `${broken.file}: ${firstLine(broken.broken)}` };
  const missing = files.find((file) => !results.some((result) => result.file === file && isPassed(result)));
  return missing ? { kind: 'did-not-run', detail: `${missing}: ${lastLine(output)}` } : { kind: 'survived' };
}

const isPassed = (result: TestResult): boolean => 'passed' in result && result.passed > 0;

const linesOf = (text: string): string[] =>
  text
    // Colours of a terminal.
    // biome-ignore lint/suspicious/noControlCharactersInRegex: ESC begins one
    .replaceAll(/\u001b\[[\d;]*m/g, '')
    .split('\n')
    .map((line) => line.trim())
    // The bullet under which Jest puts the name of a test.
    .filter((line) => line !== '' && !line.startsWith('●'));

const firstLine = (text: string): string => linesOf(text)[0] ?? '';
const lastLine = (text: string): string => linesOf(text).at(-1) ?? 'no result';
