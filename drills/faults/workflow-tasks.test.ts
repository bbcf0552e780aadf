import { expect, test } from '@jest/globals';
import { temporal } from '@temporalio/proto';
import { isDisturbed, wrongTasks } from './workflow-tasks.ts';

const event = (values: object) => temporal.api.history.v1.HistoryEvent.fromObject(values);
const scheduled = event({ eventId: 3, workflowTaskScheduledEventAttributes: {} });
const timedOut = event({ eventId: 2, workflowTaskTimedOutEventAttributes: {} });
const completed = event({ eventId: 2, workflowTaskCompletedEventAttributes: {} });
const failed = (cause: number, message = '') =>
  event({
    eventId: 5,
    workflowTaskFailedEventAttributes: { scheduledEventId: 3, cause, failure: { message } },
  });
const twice = 'Nondeterminism error: Invalid transition while handling update response (id 1) in state Done';

test.each([
  ['a task that ended a run as a message arrived', [completed, scheduled, failed(1)]],
  ['a message given twice, as the core sees it, after a timeout', [timedOut, scheduled, failed(24, twice)]],
  ['a message given twice, as the server sees it, after a timeout', [timedOut, scheduled, failed(30)]],
  ['nothing', [completed, scheduled]],
])('tolerated: %s', (_what, events) => {
  expect([...wrongTasks(events)]).toEqual([]);
});

test.each([
  ['code that does other than before', [timedOut, scheduled, failed(24, 'Nondeterminism error: no command')]],
  ['a message given twice although nothing timed out', [completed, scheduled, failed(24, twice)]],
  ['a bad answer to a message although nothing timed out', [completed, scheduled, failed(30, 'bad')]],
  ['a defect', [timedOut, scheduled, failed(23, 'TypeError')]],
])('wrong: %s', (_what, events) => {
  expect([...wrongTasks(events)]).toEqual([expect.stringMatching(/^a workflow task failed: \d+ /)]);
});

test('what has failed or timed out is disturbed', () => {
  expect([[timedOut], [failed(1)], [completed, scheduled]].map(isDisturbed)).toEqual([true, true, false]);
});
