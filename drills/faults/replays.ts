import type { HistoryAndWorkflowId } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import { dataConverterFor } from '../../platform/payload-codec.ts';
import { payloadSettings } from '../../test/environment/payload-key.ts';
import { silenceLogs } from '../../test/environment/silence-logs.ts';

let previous: Promise<unknown> = Promise.resolve();

/**
 * The histories that the deployed code cannot replay, in words: those workflows would be stuck. One replay at a time: the
 * SDK shuts its Runtime down when the last worker of it ends, even if another replay has just taken that Runtime.
 */
export function replayFailures(
  histories: readonly HistoryAndWorkflowId[],
  codePath: string,
): Promise<string[]> {
  const failures = previous.then(() => replay(histories, codePath));
  previous = failures.catch(() => {});
  return failures;
}

async function replay(histories: readonly HistoryAndWorkflowId[], codePath: string): Promise<string[]> {
  if (histories.length === 0) return [];
  silenceLogs();
  const wrong: string[] = [];
  const replayed = Worker.runReplayHistories(
    { workflowBundle: { codePath }, ...dataConverterFor(payloadSettings().CLAVE_PAYLOAD_KEY) },
    histories,
  );
  for await (const { workflowId, error } of replayed)
    if (error) wrong.push(`${workflowId} cannot be replayed: ${error.message}`);
  return wrong;
}
