import { describe, expect, test } from '@jest/globals';
import {
  type Client,
  ServiceError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
} from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { submitOtp } from '../../workflows/messages.ts';
import { workflowErrors } from '../../workflows/workflow-errors.ts';
import { Unavailable } from '../http/unavailable.ts';
import { createCitizenClient } from './citizen-client.ts';

/** A Temporal that answers each update with the next of these; the last one stands. */
function answering(...answers: unknown[]) {
  const sent: { args: [{ answerByMs: number }]; updateId: string }[] = [];
  const executeUpdate = async (_definition: unknown, options: (typeof sent)[0]) => {
    const answer = answers[Math.min(sent.length, answers.length - 1)];
    sent.push(options);
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const deadlinesMs: number[] = [];
  const client = {
    connection: {
      withDeadline: (deadlineMs: number, work: () => unknown) => {
        deadlinesMs.push(deadlineMs);
        return work();
      },
    },
    workflow: { getHandle: () => ({ executeUpdate }) },
  } as unknown as Client;
  return { client, sent, deadlinesMs };
}
const rejectedWith = (type: string, detail?: unknown): Error =>
  new WorkflowUpdateFailedError(
    type,
    ApplicationFailure.create({ type, nonRetryable: true, details: [detail] }),
  );
const aborted = new ServiceError('aborted', { cause: Object.assign(new Error(), { code: 10 }) });

const entry = { journeyId: 'journey', messageId: 'message', requestId: 'request', entered: [] };
const options = { citizenId: 'citizen', updateId: 'update' };
const sendOtp = (client: Client, isUp = true) =>
  createCitizenClient(client, () => isUp).update(submitOtp, entry, options);

describe('a message to a citizen', () => {
  test.each([
    ['a run that is about to end', rejectedWith(workflowErrors.runEnding)],
    ['a run that ended in the task that brought it', rejectedWith('UnprocessedUpdate')],
    ['a run that ended before it came', new WorkflowUpdateFailedError('ended', undefined)],
    ['a run that ended while it was on its way', aborted],
    ['no run', new WorkflowNotFoundError('none', 'citizen', undefined)],
  ])('is sent again, as the same, if it met %s', async (_what, failure) => {
    const { client, sent } = answering(failure, failure, { kind: 'accepted' });
    expect(await sendOtp(client)).toEqual({ rejected: false, outcome: { kind: 'accepted' } });
    expect(sent.map(({ updateId }) => updateId)).toEqual(['update', 'update', 'update']);
    // The sender's patience is one for all tries, lest the last of them have an effect after the 503.
    expect(new Set(sent.map(({ args: [{ answerByMs }] }) => answerByMs)).size).toBe(1);
  });

  test('is sent once if the workflow rejected it, and the reason is returned', async () => {
    const { client, sent } = answering(rejectedWith(workflowErrors.wrongStep, { step: 'password' }));
    expect(await sendOtp(client)).toEqual({
      rejected: true,
      type: workflowErrors.wrongStep,
      detail: { step: 'password' },
    });
    expect(sent).toHaveLength(1);
  });

  test.each([
    ['came too late', rejectedWith(workflowErrors.tooLate)],
    ['could not be written', rejectedWith(workflowErrors.unavailable)],
    [
      'met a Temporal that is away',
      new ServiceError('away', { cause: Object.assign(new Error(), { code: 14 }) }),
    ],
  ])('is given up if it %s', async (_what, failure) => {
    const { client, sent } = answering(failure);
    await expect(sendOtp(client)).rejects.toThrow(Unavailable);
    expect(sent).toHaveLength(1);
  });

  test('is given up within five seconds, over all tries, if there is no run to take it', async () => {
    const { client, deadlinesMs } = answering(aborted);
    const startedAtMs = Date.now();
    await expect(sendOtp(client)).rejects.toThrow(Unavailable);
    expect(deadlinesMs.length).toBeGreaterThan(1);
    expect(new Set(deadlinesMs).size).toBe(1);
    expect((deadlinesMs[0] ?? Number.NaN) - startedAtMs).toBeLessThan(5_000);
  });

  test('is not sent at all while no worker answers', async () => {
    const { client, sent } = answering({ kind: 'accepted' });
    await expect(sendOtp(client, false)).rejects.toThrow(Unavailable);
    expect(sent).toEqual([]);
  });
});

test('work for a stranger waits in the queue of a citizen’s messages, and not for ever', async () => {
  const { client, sent } = answering({ kind: 'accepted' });
  const { enqueue, update } = createCitizenClient(client, () => true);
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const decoys = Array.from({ length: 8 }, () => enqueue('citizen', () => held));
  const message = update(submitOtp, entry, options);
  await update(submitOtp, entry, { ...options, citizenId: 'another' });
  expect(sent).toHaveLength(1);
  release();
  await Promise.all([...decoys, message]);
  expect(sent).toHaveLength(2);
});
