import { type Client, WithStartWorkflowOperation, WorkflowIdConflictPolicy } from '@temporalio/client';
import { bareQueue } from './bare-queues.ts';
import { bareBegin, bareCitizen, bareConfirm, bareFinish, bareRegister } from './journeys.ts';

/** The messages to bare citizens: one for each request of an activation. `id`: the citizen's. */
export function createBareCitizens(client: Client) {
  const handleOf = (id: string) => client.workflow.getHandle<typeof bareCitizen>(workflowIdOf(id));
  return {
    register: (id: string): Promise<void> => {
      const startWorkflowOperation = new WithStartWorkflowOperation(bareCitizen, {
        workflowId: workflowIdOf(id),
        taskQueue: bareQueue,
        workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
      });
      return client.workflow.executeUpdateWithStart(bareRegister, { startWorkflowOperation });
    },
    begin: (id: string): Promise<void> => handleOf(id).executeUpdate(bareBegin),
    confirm: (id: string): Promise<void> => handleOf(id).executeUpdate(bareConfirm),
    finish: (id: string): Promise<void> => handleOf(id).executeUpdate(bareFinish),
  };
}

const workflowIdOf = (id: string): string => `bare/${id}`;
