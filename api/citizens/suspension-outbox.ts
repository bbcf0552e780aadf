import { randomUUID } from 'node:crypto';
import type { Database } from '../../platform/database.ts';
import { suspendCitizen } from '../../workflows/messages.ts';
import type { CitizenClient } from './citizen-client.ts';

/** A suspension that PostgreSQL has and the citizen's workflow may not. */
export interface UntoldSuspension {
  readonly id: string;
  readonly citizenId: string;
  readonly officerId: string;
  readonly requestId: string;
}

/** Sends suspensions to the citizens' workflows, which end journeys, void the code and notify the citizen. */
export interface SuspensionOutbox {
  /** Sends one now. Never throws: what fails stays pending. */
  send(suspension: UntoldSuspension): Promise<void>;
  stop(): void;
}

/** The longest pause between two attempts for one suspension: that of a workflow which is gone until a registration act. */
const maxPauseMs = 300_000;

/**
 * A transactional outbox, as that of password blocks: a suspension is in force in PostgreSQL before the workflow hears of
 * it, possibly while Temporal is away, and `toldAt` stays null until it has. Delivery is at least once; the workflow
 * notifies the citizen once. A suspension that a registration act has lifted since is not sent.
 */
export function startSuspensionOutbox(
  { db, citizens }: { db: Database; citizens: Pick<CitizenClient, 'update'> },
  everyMs = 5_000,
): SuspensionOutbox {
  const pauses = new Map<string, { readonly pauseMs: number; readonly untilMs: number }>();

  const deliver = async ({ id, citizenId, officerId, requestId }: UntoldSuspension): Promise<void> => {
    const where = { id: citizenId, suspendedAt: { not: null }, unsubscribedAt: null };
    if ((await db.prisma.citizen.count({ where })) > 0) {
      const message = { suspensionId: id, officerId, requestId };
      const result = await citizens.update(suspendCitizen, message, { citizenId, updateId: randomUUID() });
      // Not suspended any more, or nothing to suspend: only a later look at PostgreSQL can tell.
      if (result.rejected) throw new Error(result.type);
    }
    await db.prisma.suspension.updateMany({ where: { id }, data: { toldAt: new Date() } });
    pauses.delete(id);
  };

  const send = async (suspension: UntoldSuspension): Promise<void> => {
    const { id } = suspension;
    const pauseMs = Math.min((pauses.get(id)?.pauseMs ?? everyMs / 2) * 2, maxPauseMs);
    // Before the attempt, so that the timer begins no second one beside it.
    pauses.set(id, { pauseMs, untilMs: Date.now() + pauseMs });
    await deliver(suspension).catch(untilNextAttempt);
  };

  const flush = async (): Promise<void> => {
    const pending = await db.prisma.suspension.findMany({
      where: { toldAt: null },
      select: { id: true, citizenId: true, officerId: true, requestId: true },
      orderBy: { at: 'desc' },
      take: 100,
    });
    const due = pending.filter(({ id }) => (pauses.get(id)?.untilMs ?? 0) <= Date.now());
    await Promise.all(due.map(send));
  };
  const timer = setInterval(() => void flush().catch(untilNextAttempt), everyMs).unref();
  return { send, stop: () => clearInterval(timer) };
}

/** PostgreSQL, Temporal or the workflow is away: the row stays pending. */
const untilNextAttempt = () => {};
