import type { Client } from '@temporalio/client';
import { WorkflowIdConflictPolicy, WorkflowIdReusePolicy } from '@temporalio/common';
import { gatewayTaskQueue } from '../../domain/task-queues.ts';
import type { Database } from '../../platform/database.ts';
import type { logoutNotice } from '../../workflows/logout-notice.ts';

/** Starts a workflow for each notice of logout, which has it delivered to its relying party. */
export interface LogoutNoticeOutbox {
  /** Starts those that are pending now. Never throws: what fails stays pending. */
  flush(): Promise<void>;
  /**
   * Resolves when no call is in progress. To be awaited before the connection is closed: the SDK's retry of a call on a
   * closed connection ends the process.
   */
  stop(): Promise<void>;
}

/** Temporal answers within this time (ms), or is away. */
const startTimeoutMs = 4_500;

/**
 * A transactional outbox, as that of password blocks: notices are written in the transaction that voids the identifications,
 * possibly while Temporal is away, and `startedAt` stays null until their workflow was started. That of a notice which was
 * started and not marked is started again, and finds nothing to do.
 */
export function startLogoutNoticeOutbox(
  { db, client }: { db: Database; client: Client },
  everyMs = 5_000,
): LogoutNoticeOutbox {
  const start = (id: string) =>
    client.connection.withDeadline(Date.now() + startTimeoutMs, () =>
      client.workflow.start<typeof logoutNotice>('logoutNotice', {
        workflowId: `logout-notice/${id}`,
        taskQueue: gatewayTaskQueue,
        args: [id],
        workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
        workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
      }),
    );
  const flush = async (): Promise<void> => {
    const pending = await db.prisma.logoutNotice.findMany({
      where: { startedAt: null },
      select: { id: true },
      orderBy: { createdAt: 'asc' },
      take: 100,
    });
    // The first that fails ends it: Temporal is away.
    for (const { id } of pending) {
      await start(id);
      await db.prisma.logoutNotice.updateMany({ where: { id }, data: { startedAt: new Date() } });
    }
  };
  let latest: Promise<void> | undefined;
  const flushOnce = (): Promise<void> => {
    latest ??= flush()
      .catch(untilNextFlush)
      .finally(() => {
        latest = undefined;
      });
    return latest;
  };
  const timer = setInterval(() => void flushOnce(), everyMs).unref();
  return {
    flush: flushOnce,
    async stop() {
      clearInterval(timer);
      await latest;
    },
  };
}

/** PostgreSQL or Temporal is away: the row stays pending. */
const untilNextFlush = () => {};
