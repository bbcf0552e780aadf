import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Client,
  WithStartWorkflowOperation,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
} from '@temporalio/client';
import { ApplicationFailure, type UpdateDefinition } from '@temporalio/common';
import type { Policy } from '../../domain/policy.ts';
import { citizenTaskQueue } from '../../domain/task-queues.ts';
import type { Database } from '../../platform/database.ts';
import type { KeyRing } from '../../platform/secrets.ts';
import { citizenWorkflowId, createTemporalClient } from '../../platform/temporal.ts';
import type { citizen } from '../../workflows/citizen.ts';
import * as messages from '../../workflows/messages.ts';
import { newCitizenSnapshot } from '../../workflows/snapshot.ts';
import { workflowErrors } from '../../workflows/workflow-errors.ts';
import { payloadSettings } from '../environment/payload-key.ts';
import type { Stack } from '../environment/stack.ts';
import type { TestTemporal } from '../environment/test-temporal.ts';

/** What a driver needs to send messages to a workflow as the API does. */
export interface WorkflowTestContext {
  readonly client: Client;
  readonly db: Database;
  readonly ring: KeyRing;
  readonly policy: Policy;
  readonly sms: { readonly texts: readonly { to: string; body: string }[] };
  nowMs(): Promise<number>;
}

/**
 * The context of a stack: real time, and the messages that its phone received. Its client is another than the stack's:
 * the SDK takes a `WithStartWorkflowOperation` only from the module registry of the client.
 */
export const workflowTestContext = ({
  db,
  ring,
  policy,
  phone,
  temporal,
}: Pick<Stack, 'db' | 'ring' | 'policy' | 'phone' | 'temporal'>): WorkflowTestContext => ({
  client: clientFor(temporal),
  db,
  ring,
  policy,
  sms: {
    get texts() {
      return phone.messages();
    },
  },
  nowMs: async () => Date.now(),
});

const clients = new Map<string, Client>();

function clientFor({ address, namespace }: Pick<TestTemporal, 'address' | 'namespace'>): Client {
  const key = `${address}/${namespace}`;
  const settings = { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace, ...payloadSettings() };
  const client = clients.get(key) ?? createTemporalClient(settings);
  clients.set(key, client);
  return client;
}

/** How one message is sent: as the API does unless a test wants it otherwise. */
export interface SendOptions {
  readonly updateId?: string;
  /** How long the sender waits for the outcome, from the sending on (ms): `answerByMs` as an interval. */
  readonly patienceMs?: number;
  readonly policy?: Policy;
}

/** The messages with which the workflow of a new citizen is started. */
const startsCitizen: readonly string[] = [messages.registerCitizen.name, messages.startRegistration.name];

/** Sends one message to a citizen's workflow, until a run takes it, as the API does. @throws Refused */
export async function send<Outcome, Body extends messages.Message>(
  { client, nowMs }: Pick<WorkflowTestContext, 'client' | 'nowMs'>,
  citizenId: string,
  definition: UpdateDefinition<Outcome, [Body]>,
  message: Omit<Body, keyof messages.Message>,
  { updateId = randomUUID(), patienceMs = 3_300 }: SendOptions,
): Promise<Outcome> {
  const workflowId = citizenWorkflowId(citizenId);
  const body = {
    ...message,
    requestId: randomUUID(),
    answerByMs: (await nowMs()) + patienceMs,
  } as Body;
  for (let tries = 0; tries < 200; tries += 1) {
    try {
      if (!startsCitizen.includes(definition.name))
        return await client.workflow
          .getHandle(workflowId)
          .executeUpdate(definition, { args: [body], updateId });
      const startWorkflowOperation = new WithStartWorkflowOperation<typeof citizen>('citizen', {
        workflowId,
        taskQueue: citizenTaskQueue,
        args: [newCitizenSnapshot(citizenId)],
        workflowIdConflictPolicy: 'USE_EXISTING',
      });
      return await client.workflow.executeUpdateWithStart(definition, {
        args: [body],
        updateId,
        startWorkflowOperation,
      });
    } catch (error) {
      const refused =
        error instanceof WorkflowUpdateFailedError && error.cause instanceof ApplicationFailure
          ? error.cause
          : undefined;
      if (refused && refused.type !== workflowErrors.runEnding)
        throw new Refused(refused.type ?? '', refused.details?.[0]);
      const betweenRuns =
        error instanceof WorkflowNotFoundError || error instanceof WorkflowUpdateFailedError;
      if (!refused && !betweenRuns && (error as { cause?: { code?: unknown } }).cause?.code !== 10)
        throw error;
      await sleep(20);
    }
  }
  throw new Error(`${definition.name}: no run takes it`);
}

/** Waits until the server has admitted an update, so that whatever is sent next reaches the workflow after it. */
export async function untilAdmitted(
  { client }: Pick<WorkflowTestContext, 'client'>,
  citizenId: string,
  updateId: string,
): Promise<void> {
  const question = {
    namespace: client.options.namespace,
    updateRef: { workflowExecution: { workflowId: citizenWorkflowId(citizenId) }, updateId },
    waitPolicy: { lifecycleStage: admitted },
  };
  for (let tries = 0; tries < 2_000; tries += 1) {
    try {
      await client.workflowService.pollWorkflowExecutionUpdate(question);
      return;
    } catch (error) {
      if ((error as { code?: unknown }).code !== notFound) throw error;
      await sleep(5);
    }
  }
  throw new Error(`${updateId}: not admitted`);
}

// Temporal's number for the stage of an update that has arrived, and gRPC's for what is not there.
const [admitted, notFound] = [1, 5] as const;

/** A message that was refused: `type` is one of `workflowErrors`. */
export class Refused extends Error {
  readonly type: string;
  readonly detail: unknown;
  constructor(type: string, detail: unknown) {
    super(`refused: ${type}`);
    this.type = type;
    this.detail = detail;
  }
}

/** What a refused message was refused with, or its outcome. */
export const refusalOf = async (sent: Promise<unknown>): Promise<string> =>
  sent.then(
    (outcome) => `not refused: ${JSON.stringify(outcome)}`,
    (error: unknown) => {
      if (error instanceof Refused) return error.type;
      throw error;
    },
  );
