import { randomUUID } from 'node:crypto';
import {
  type Client,
  WithStartWorkflowOperation,
  type WorkflowHandle,
  WorkflowIdConflictPolicy,
} from '@temporalio/client';
import { bareQueue } from './bare-queues.ts';
import { bareCitizen, bareConfirm, bareFinish, bareRegister, bareStart } from './journeys.ts';

/** A bare citizen: each method is one of the messages of a journey. */
export class BareCitizen {
  readonly #handle: WorkflowHandle<typeof bareCitizen>;

  private constructor(handle: WorkflowHandle<typeof bareCitizen>) {
    this.#handle = handle;
  }

  static async register(client: Client): Promise<BareCitizen> {
    const workflowId = `bare/${randomUUID()}`;
    const startWorkflowOperation = new WithStartWorkflowOperation(bareCitizen, {
      workflowId,
      taskQueue: bareQueue,
      workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
    });
    await client.workflow.executeUpdateWithStart(bareRegister, {
      args: [`notice/${randomUUID()}`],
      startWorkflowOperation,
    });
    return new BareCitizen(client.workflow.getHandle<typeof bareCitizen>(workflowId));
  }

  begin(to: string | null): Promise<void> {
    return this.#handle.executeUpdate(bareStart, { args: [to] });
  }

  confirm(): Promise<void> {
    return this.#handle.executeUpdate(bareConfirm);
  }

  finish(what: { confirms: boolean; notice?: string }): Promise<void> {
    return this.#handle.executeUpdate(bareFinish, { args: [what] });
  }
}
