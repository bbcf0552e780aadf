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
import { createCitizenClient, Unavailable } from './citizen-client.ts';

/** A Temporal that answers each update with the next of these; the last one stands. */
function answering(...answers: unknown[]) {
  const sent: { args: [{ answerByMs: number }]; updateId: string }[] = [];
  const executeUpdate = async (_definition: unknown, options: (typeof sent)[0]) => {
    const answer = answers[Math.min(sent.length, answers.length - 1)];
    sent.push(options);
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const client = {
    connection: { withDeadline: (_deadline: number, work: () => unknown) => work() },
    workflow: { getHandle: () => ({ executeUpdate }) },
  } as unknown as Client;
  return { client, sent };
}
const refusedAs = (type: string, detail?: unknown): Error =>
  new WorkflowUpdateFailedError(
    type,
    ApplicationFailure.create({ type, nonRetryable: true, details: [detail] }),
  );
const aborted = new ServiceError('aborted', { cause: Object.assign(new Error(), { code: 10 }) });

const entry = { journeyId: 'journey', messageId: 'message', requestId: 'request', entered: [] };
const sending = { citizenId: 'citizen', updateId: 'update' };
const ask = (client: Client, isUp = true) =>
  createCitizenClient(client, () => isUp).update(submitOtp, entry, sending);

describe('a message to a citizen', () => {
  test.each([
    ['a run that is leaving', refusedAs(workflowErrors.runEnding)],
    ['a run that ended in the task that brought it', refusedAs('UnprocessedUpdate')],
    ['a run that ended before it came', new WorkflowUpdateFailedError('ended', undefined)],
    ['a run that ended while it was on its way', aborted],
    ['no run', new WorkflowNotFoundError('none', 'citizen', undefined)],
  ])('is sent again, as the same, if it met %s', async (_what, failure) => {
    const { client, sent } = answering(failure, failure, { kind: 'accepted' });
    expect(await ask(client)).toEqual({ refused: false, outcome: { kind: 'accepted' } });
    expect(sent.map(({ updateId }) => updateId)).toEqual(['update', 'update', 'update']);
    // The sender's patience is one for all tries, lest the last of them have an effect after the 503.
    expect(new Set(sent.map(({ args: [{ answerByMs }] }) => answerByMs)).size).toBe(1);
  });

  test('is sent once if the citizen refused it, and the reason is told', async () => {
    const { client, sent } = answering(refusedAs(workflowErrors.wrongStep, { step: 'password' }));
    expect(await ask(client)).toEqual({
      refused: true,
      type: workflowErrors.wrongStep,
      detail: { step: 'password' },
    });
    expect(sent).toHaveLength(1);
  });

  test.each([
    ['came too late', refusedAs(workflowErrors.tooLate)],
    ['could not be written', refusedAs(workflowErrors.unavailable)],
    [
      'met a Temporal that is away',
      new ServiceError('away', { cause: Object.assign(new Error(), { code: 14 }) }),
    ],
  ])('is given up if it %s', async (_what, failure) => {
    const { client, sent } = answering(failure);
    await expect(ask(client)).rejects.toThrow(Unavailable);
    expect(sent).toHaveLength(1);
  });

  test('is given up after a while if there is no run to take it', async () => {
    const startedAt = performance.now();
    await expect(ask(answering(aborted).client)).rejects.toThrow(Unavailable);
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });

  test('is not sent at all while no worker answers', async () => {
    const { client, sent } = answering({ kind: 'accepted' });
    await expect(ask(client, false)).rejects.toThrow(Unavailable);
    expect(sent).toEqual([]);
  });
});

test('what is done for nobody takes the turns of a citizen’s messages, and not for ever', async () => {
  const { client, sent } = answering({ kind: 'accepted' });
  const { enqueue: inTurn, update } = createCitizenClient(client, () => true);
  let letGo = () => {};
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const nobodys = Array.from({ length: 8 }, () => inTurn('citizen', () => held));
  const message = update(submitOtp, entry, sending);
  await update(submitOtp, entry, { ...sending, citizenId: 'another' });
  expect(sent).toHaveLength(1);
  letGo();
  await Promise.all([...nobodys, message]);
  expect(sent).toHaveLength(2);
});
