import { appendFileSync } from 'node:fs';
import { relative } from 'node:path';

/**
 * A Jest reporter for `npm run mutations`: appends each result, as a line of JSON, to the file CLAVE_TEST_RESULTS, and ends
 * the run at the first failed test. `local/bootstrap/run-jest.mjs` stops what the run has started.
 */
export default class FirstFailure {
  onTestCaseResult({ path }, { status, fullName, failureMessages }) {
    if (status !== 'failed') return;
    append({ file: relative(process.cwd(), path), failed: fullName, message: failureMessages[0] ?? '' });
    process.exit(1);
  }

  /** A file without a failed test that failed all the same has not run, or not to its end. */
  onTestFileResult({ path }, { numPassingTests: passed, numFailingTests: failed, failureMessage }) {
    const file = relative(process.cwd(), path);
    append(failureMessage && failed === 0 ? { file, broken: failureMessage } : { file, passed });
  }
}

const append = (result) => appendFileSync(process.env.CLAVE_TEST_RESULTS, `${JSON.stringify(result)}\n`);
