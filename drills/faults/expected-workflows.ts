import {
  Client,
  Connection,
  type HistoryAndWorkflowId,
  type WorkflowExecutionInfo,
} from '@temporalio/client';
import pLimit from 'p-limit';
import {
  citizenBlockedAttribute,
  citizenJourneyAttribute,
  citizenStatusAttribute,
  passwordExpiresAtAttribute,
} from '../../domain/search-attributes.ts';
import { dataConverterFor } from '../../platform/payload-codec.ts';
import { citizenWorkflowId } from '../../platform/temporal.ts';
import { payloadSettings } from '../../test/environment/payload-key.ts';
import type { Citizen } from './citizen.ts';
import type { Rows } from './expected-rows.ts';
import { isDisturbed, wrongTasks } from './workflow-tasks.ts';

/** All workflows of a Temporal server, read once. */
export interface Workflows {
  readonly latest: ReadonlyMap<string, WorkflowExecutionInfo>;
  /** Failures of workflow tasks that are not tolerated, by workflow id. */
  readonly failedTasks: ReadonlyMap<string, readonly string[]>;
  /** Histories in which a task has failed or timed out. */
  readonly disturbed: readonly HistoryAndWorkflowId[];
  /** Findings that concern no citizen. */
  readonly wrong: readonly string[];
}

/** @throws Error while Temporal is away */
export async function readWorkflows(address: string): Promise<Workflows> {
  const connection = await Connection.connect({ address });
  try {
    const client = new Client({
      connection,
      ...dataConverterFor(payloadSettings().CLAVE_PAYLOAD_KEY),
    });
    const latest = new Map<string, WorkflowExecutionInfo>();
    const wrong: string[] = [];
    const runs: WorkflowExecutionInfo[] = [];
    for await (const info of client.workflow.list()) {
      if (info.type === 'citizen') runs.push(info);
      if (info.type === 'notice' && info.status.name !== 'COMPLETED')
        wrong.push(`a notice is ${info.status.name}`);
      const known = latest.get(info.workflowId);
      if (!known || known.startTime < info.startTime) latest.set(info.workflowId, info);
    }
    const atOnce = pLimit(8);
    const failedTasks = new Map<string, string[]>();
    const disturbed: HistoryAndWorkflowId[] = [];
    await Promise.all(
      runs.map(({ workflowId, runId }) =>
        atOnce(async () => {
          const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
          const events = history.events ?? [];
          failedTasks.set(workflowId, [...(failedTasks.get(workflowId) ?? []), ...wrongTasks(events)]);
          if (isDisturbed(events)) disturbed.push({ workflowId, history });
        }),
      ),
    );
    return { latest, wrong, failedTasks, disturbed };
  } finally {
    await connection.close();
  }
}

/** Findings about a citizen's workflow, in words: its status, and its search attributes. */
export function* wrongWorkflow(
  citizen: Citizen,
  { expiresAt }: Rows,
  { latest, failedTasks }: Workflows,
): Generator<string> {
  const info = latest.get(citizenWorkflowId(citizen.id));
  if (!info) return yield 'no workflow';
  yield* failedTasks.get(info.workflowId) ?? [];
  if (info.status.name !== 'RUNNING') yield `the workflow is ${info.status.name}`;
  const shown = info.typedSearchAttributes;
  const blocked = [...(shown.get(citizenBlockedAttribute) ?? [])].sort().join();
  const expected = [...citizen.blocked].sort().join();
  if (shown.get(citizenStatusAttribute) !== citizen.status)
    yield `operators see ${shown.get(citizenStatusAttribute)} instead of ${citizen.status}`;
  if (blocked !== expected) yield `operators see blocked [${blocked}] instead of [${expected}]`;
  if (shown.get(citizenJourneyAttribute) !== 'none')
    yield `operators see a journey ${shown.get(citizenJourneyAttribute)}`;
  const until = shown.get(passwordExpiresAtAttribute)?.getTime();
  if (until !== expiresAt?.getTime())
    yield `the clock runs until ${until}, PostgreSQL says ${expiresAt?.getTime()}`;
}
