import type { HistoryAndWorkflowId } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import { dataConverterFor } from '../../platform/payload-codec.ts';
import { payloadSettings } from '../../test/environment/payload-key.ts';
import { silenceLogs } from '../../test/environment/silence-logs.ts';

/** The histories that the deployed code cannot replay, in words: those workflows would be stuck. */
export async function replayFailures(
  histories: readonly HistoryAndWorkflowId[],
  codePath: string,
): Promise<string[]> {
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
