import { describe, expect, test } from '@jest/globals';
import { ApplicationFailure, type Context } from '@temporalio/activity';
import type { ActivityExecuteInput } from '@temporalio/worker';
import { createLog } from '../platform/log.ts';
import { scrubActivityErrors } from './scrub-activity-errors.ts';

const input = { args: [], headers: {} } as unknown as ActivityExecuteInput;

/** The failure of an activity that throws `error`, and its log entry. */
async function runFailing(error: unknown): Promise<{ failure: unknown; logged: string }> {
  const lines: string[] = [];
  const log = createLog('test', 'trace', { write: (line: string) => void lines.push(line) });
  const context = { info: { activityType: 'sendOtp', attempt: 2 } } as Context;
  const execute = scrubActivityErrors(log)(context).inbound.execute?.(input, () => Promise.reject(error));
  const failure = await (execute as Promise<unknown>).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return { failure, logged: lines.join('') };
}

describe('an error that leaves an activity', () => {
  test('says what kind it was, and none of the words of a library', async () => {
    const words = 'The number +34612345678 is unsubscribed';
    const error = Object.assign(new TypeError(words, { cause: new Error(words) }), { code: 21_610 });
    const { failure, logged } = await runFailing(error);
    expect(failure).toMatchObject({ type: 'TypeError', message: 'TypeError 21610', nonRetryable: false });
    expect((failure as Error).cause).toBeUndefined();
    for (const text of [logged, (failure as Error).stack]) expect(text).not.toContain('612345678');
    expect(JSON.parse(logged)).toMatchObject({ activity: 'sendOtp', attempt: 2, err: { kind: 'TypeError' } });
  });

  test('is passed on as it is if it is one of ours', async () => {
    const ours = ApplicationFailure.create({ type: 'SmsUnavailable', message: 'status-503' });
    expect((await runFailing(ours)).failure).toBe(ours);
  });

  test('may be anything at all', async () => {
    expect((await runFailing('+34612345678')).failure).toMatchObject({ type: 'string', message: 'string' });
  });
});
