import {
  type Client,
  WithStartWorkflowOperation,
  WorkflowIdConflictPolicy,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
} from '@temporalio/client';
import type { QueryDefinition, SignalDefinition, UpdateDefinition } from '@temporalio/common';
import { ApplicationFailure } from '@temporalio/common';
import { startAttributes } from '../../domain/search-attributes.ts';
import { citizenTaskQueue } from '../../domain/task-queues.ts';
import { createKeyedQueue } from '../../platform/keyed-queue.ts';
import { citizenWorkflowId } from '../../platform/temporal.ts';
import type { citizen } from '../../workflows/citizen.ts';
import type { Message } from '../../workflows/messages.ts';
import { newCitizenSnapshot } from '../../workflows/snapshot.ts';
import { workflowErrors } from '../../workflows/workflow-errors.ts';
import { retryOnce } from './retry-once.ts';

/** Temporal, or every worker, did not answer in time. The message may have been taken: repeating it is safe. */
export class Unavailable extends Error {}

/** What a workflow said to a message: the outcome, or that it can't be taken as things stand. */
export type UpdateResult<Outcome> =
  | { readonly refused: false; readonly outcome: Outcome }
  | { readonly refused: true; readonly type: string; readonly detail: unknown };

export interface UpdateOptions {
  readonly citizenId: string;
  /** Deduplicates within a run. From the answer's seed, never a client's own key: Temporal does not compare contents. */
  readonly updateId: string;
  /** Start the citizen's workflow if none runs. */
  readonly startIfNone?: boolean;
}

/** The one way to a citizen's workflow, and the only file that knows Temporal's client errors. */
export interface CitizenClient {
  /** @throws Unavailable */
  update<Outcome, Body extends Message>(
    definition: UpdateDefinition<Outcome, [Body]>,
    message: Omit<Body, 'answerByMs'>,
    sending: UpdateOptions,
  ): Promise<UpdateResult<Outcome>>;
  /** @throws Unavailable */
  query<Result, Args extends unknown[]>(
    definition: QueryDefinition<Result, Args>,
    citizenId: string,
    ...args: Args
  ): Promise<Result>;
  /**
   * Does something in the turns that one citizen's messages take: for strangers, who must not be told apart by many
   * entries at once being answered faster. @throws Unavailable if its turn comes too late
   */
  enqueue<Result>(citizenId: string, work: () => Promise<Result>): Promise<Result>;
  /** Once nothing is under way: the connection may be closed. A call that is tried again on a closed one ends the process. */
  drain(): Promise<void>;
  /** News that nobody waits for an answer to. @throws Unavailable */
  signal<Args extends [string]>(
    definition: SignalDefinition<Args>,
    citizenId: string,
    ...args: Args
  ): Promise<void>;
}

/** A message must be taken within this time, or its sender has given up on it. */
const acceptTimeoutMs = 2_400;
/** The caller has an answer within this time: five seconds, less what the rest of a request needs. */
const replyTimeoutMs = 4_500;
/**
 * A task on its way to a worker that stops is lost, and given to another when its time is up: soon enough that the message
 * in it is still taken. Every chapter of the workflow inherits it.
 */
const workflowTaskTimeout = '2 seconds';
/** Temporal lets ten updates of one workflow be under way and makes others wait long: fewer, in turn, are faster. */
const maxConcurrentUpdates = 8;

/** Refused by a run that is about to end, or by the SDK for one that ended in the task that brought the message. */
const rejectedByEndingRun: readonly string[] = [workflowErrors.runEnding, 'UnprocessedUpdate'];

/** `isUp`: what the last probe said, so that nobody waits for what is known to be away. */
export function createCitizenClient(client: Client, isUp: () => boolean): CitizenClient {
  const inTurn = createKeyedQueue({ concurrency: maxConcurrentUpdates, maxQueued: 500 });
  const underWay = new Set<Promise<unknown>>();

  const within = async <Result>(deadlineMs: number, call: () => Promise<Result>): Promise<Result> => {
    const result = client.connection.withDeadline(deadlineMs, call);
    underWay.add(result);
    try {
      return await result;
    } finally {
      underWay.delete(result);
    }
  };

  return {
    async update(definition, message, sending) {
      if (!isUp()) throw new Unavailable();
      const startedAtMs = Date.now();
      const body = { ...message, answerByMs: startedAtMs + acceptTimeoutMs };
      return inTurn(sending.citizenId, async () => {
        for (;;) {
          if (Date.now() > startedAtMs + acceptTimeoutMs) throw new Unavailable();
          try {
            const outcome = await within(startedAtMs + replyTimeoutMs, () =>
              send(client, definition as UpdateDefinition<unknown, [unknown]>, body, sending),
            );
            return { refused: false, outcome: outcome as never };
          } catch (error) {
            const refused = rejectionFrom(error);
            if (refused?.type === workflowErrors.tooLate || refused?.type === workflowErrors.unavailable)
              throw new Unavailable();
            if (refused && !rejectedByEndingRun.includes(refused.type)) return refused;
            // Between two runs, or before the first: the same message again finds the next one.
            if (!refused && !isBetweenRuns(error)) throw new Unavailable();
            await new Promise((resolve) => setTimeout(resolve, 50));
          }
        }
      });
    },

    async signal(definition, citizenId, ...args) {
      if (!isUp()) throw new Unavailable();
      try {
        await within(Date.now() + replyTimeoutMs, () =>
          client.workflow.getHandle(citizenWorkflowId(citizenId)).signal(definition, ...args),
        );
      } catch {
        throw new Unavailable();
      }
    },

    async query(definition, citizenId, ...args) {
      if (!isUp()) throw new Unavailable();
      try {
        return await retryOnce(replyTimeoutMs, (deadlineMs) =>
          within(deadlineMs, () =>
            client.workflow.getHandle(citizenWorkflowId(citizenId)).query(definition, ...args),
          ),
        );
      } catch {
        throw new Unavailable();
      }
    },

    async enqueue(citizenId, work) {
      const startedAtMs = Date.now();
      return inTurn(citizenId, () => {
        if (Date.now() > startedAtMs + acceptTimeoutMs) throw new Unavailable();
        return work();
      });
    },

    async drain() {
      while (underWay.size > 0) await Promise.allSettled(underWay);
    },
  };
}

function send(
  client: Client,
  definition: UpdateDefinition<unknown, [unknown]>,
  body: Message,
  { citizenId, updateId, startIfNone }: UpdateOptions,
): Promise<unknown> {
  const workflowId = citizenWorkflowId(citizenId);
  if (!startIfNone)
    return client.workflow.getHandle(workflowId).executeUpdate(definition, { args: [body], updateId });
  const startWorkflowOperation = new WithStartWorkflowOperation<typeof citizen>('citizen', {
    workflowId,
    taskQueue: citizenTaskQueue,
    args: [newCitizenSnapshot(citizenId)],
    workflowTaskTimeout: workflowTaskTimeout,
    workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
    typedSearchAttributes: startAttributes,
  });
  return client.workflow.executeUpdateWithStart(definition, {
    args: [body],
    updateId,
    startWorkflowOperation,
  });
}

function rejectionFrom(error: unknown): { refused: true; type: string; detail: unknown } | undefined {
  if (!(error instanceof WorkflowUpdateFailedError) || !(error.cause instanceof ApplicationFailure))
    return undefined;
  return { refused: true, type: error.cause.type ?? '', detail: error.cause.details?.[0] };
}

/** The run closed (continued as new) before it took the message: gRPC NOT_FOUND, or ABORTED for one on its way. */
const isBetweenRuns = (error: unknown): boolean =>
  error instanceof WorkflowNotFoundError ||
  (error instanceof WorkflowUpdateFailedError && !(error.cause instanceof ApplicationFailure)) ||
  grpcCode(error) === 10;

const grpcCode = (error: unknown): unknown => (error as { cause?: { code?: unknown } }).cause?.code;
