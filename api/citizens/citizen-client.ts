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
import { NoWorkflow, Unavailable } from '../http/unavailable.ts';
import { retryOnce } from './retry-once.ts';

/** The result of an update: its outcome, or the rejection by the workflow (type and detail of its ApplicationFailure). */
export type UpdateResult<Outcome> =
  | { readonly rejected: false; readonly outcome: Outcome }
  | { readonly rejected: true; readonly type: string; readonly detail: unknown };

export interface UpdateOptions {
  readonly citizenId: string;
  /**
   * Deduplicates within a run. Derived from the response randomness, never a client's own key: Temporal does not compare
   * the contents of two updates with one id.
   */
  readonly updateId: string;
  /** Start the citizen's workflow if none is running. */
  readonly startIfNone?: boolean;
}

/** Sends messages to citizens' workflows. The only file that interprets Temporal's client errors. */
export interface CitizenClient {
  /** @throws Unavailable (NoWorkflow if there is none), or QueueFull before anything is sent */
  update<Outcome, Body extends Message>(
    definition: UpdateDefinition<Outcome, [Body]>,
    message: Omit<Body, 'answerByMs'>,
    options: UpdateOptions,
  ): Promise<UpdateResult<Outcome>>;
  /** @throws Unavailable */
  query<Result, Args extends unknown[]>(
    definition: QueryDefinition<Result, Args>,
    citizenId: string,
    ...args: Args
  ): Promise<Result>;
  /**
   * Runs work in the queue of one citizen's updates. For strangers: concurrent attempts must take as long as those on a
   * registered citizen. @throws QueueFull, or Unavailable if the work waited too long
   */
  enqueue<Result>(citizenId: string, work: () => Promise<Result>): Promise<Result>;
  /**
   * Resolves when no call is in progress. To be awaited before the connection is closed: the SDK's retry of a call on a
   * closed connection ends the process.
   */
  drain(): Promise<void>;
  /** Sends a signal: no result, no rejection. @throws Unavailable */
  signal<Args extends string[]>(
    definition: SignalDefinition<Args>,
    citizenId: string,
    ...args: Args
  ): Promise<void>;
}

/** The workflow rejects a message later than this after sending, so that its answer still fits the reply timeout. */
const acceptTimeoutMs = 2_400;
/** Deadline of one call: the five seconds that a caller waits, less the time that the rest of the request needs. */
const replyTimeoutMs = 4_500;
/**
 * A workflow task that was dispatched to a stopping worker is lost until this timeout: short enough that another worker
 * accepts the message in time. Later runs inherit it by continue-as-new.
 */
const workflowTaskTimeout = '2 seconds';
/** Temporal admits ten concurrent updates of one workflow and delays others for long: queueing fewer here is faster. */
const maxConcurrentUpdates = 8;

/** Rejected by a run that is about to continue as new, or by the SDK when the run ended in the task with the message. */
const rejectedByEndingRun: readonly string[] = [workflowErrors.runEnding, 'UnprocessedUpdate'];

/** `isUp`: the last result of the worker probe; while it is false, calls fail at once. */
export function createCitizenClient(client: Client, isUp: () => boolean): CitizenClient {
  const enqueue = createKeyedQueue({ concurrency: maxConcurrentUpdates, maxQueued: 500 });
  const inProgress = new Set<Promise<unknown>>();

  const withDeadline = async <Result>(deadlineMs: number, call: () => Promise<Result>): Promise<Result> => {
    const result = client.connection.withDeadline(deadlineMs, call);
    inProgress.add(result);
    try {
      return await result;
    } finally {
      inProgress.delete(result);
    }
  };

  return {
    async update(definition, message, options) {
      if (!isUp()) throw new Unavailable();
      const startedAtMs = Date.now();
      const body = { ...message, answerByMs: startedAtMs + acceptTimeoutMs };
      return enqueue(options.citizenId, async () => {
        let isGone = false;
        for (;;) {
          if (Date.now() > startedAtMs + acceptTimeoutMs) throw isGone ? new NoWorkflow() : new Unavailable();
          try {
            const outcome = await withDeadline(startedAtMs + replyTimeoutMs, () =>
              send(client, definition as UpdateDefinition<unknown, [unknown]>, body, options),
            );
            return { rejected: false, outcome: outcome as never };
          } catch (error) {
            const rejection = rejectionFrom(error);
            if (rejection?.type === workflowErrors.tooLate || rejection?.type === workflowErrors.unavailable)
              throw new Unavailable();
            if (rejection && !rejectedByEndingRun.includes(rejection.type)) return rejection;
            // Between two runs, or before the first one: the same message sent again reaches the next run.
            if (!rejection && !isBetweenRuns(error)) throw new Unavailable();
            isGone = error instanceof WorkflowNotFoundError;
            await new Promise((resolve) => setTimeout(resolve, 50));
          }
        }
      });
    },

    async signal(definition, citizenId, ...args) {
      if (!isUp()) throw new Unavailable();
      try {
        await withDeadline(Date.now() + replyTimeoutMs, () =>
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
          withDeadline(deadlineMs, () =>
            client.workflow.getHandle(citizenWorkflowId(citizenId)).query(definition, ...args),
          ),
        );
      } catch {
        throw new Unavailable();
      }
    },

    async enqueue(citizenId, work) {
      const startedAtMs = Date.now();
      return enqueue(citizenId, () => {
        if (Date.now() > startedAtMs + acceptTimeoutMs) throw new Unavailable();
        return work();
      });
    },

    async drain() {
      while (inProgress.size > 0) await Promise.allSettled(inProgress);
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

function rejectionFrom(error: unknown): { rejected: true; type: string; detail: unknown } | undefined {
  if (!(error instanceof WorkflowUpdateFailedError) || !(error.cause instanceof ApplicationFailure))
    return undefined;
  return { rejected: true, type: error.cause.type ?? '', detail: error.cause.details?.[0] };
}

/** The run closed (continued as new) before it accepted the message: gRPC NOT_FOUND, or ABORTED while in transit. */
const isBetweenRuns = (error: unknown): boolean =>
  error instanceof WorkflowNotFoundError ||
  (error instanceof WorkflowUpdateFailedError && !(error.cause instanceof ApplicationFailure)) ||
  grpcCode(error) === 10;

const grpcCode = (error: unknown): unknown => (error as { cause?: { code?: unknown } }).cause?.code;
