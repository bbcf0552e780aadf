import type { Database } from '../../platform/database.ts';
import { passwordBlocked } from '../../workflows/messages.ts';
import type { CitizenClient } from './citizen-client.ts';

/** Signals blocked passwords to the citizens' workflows, which notify the citizen and show the block to operators. */
export interface PasswordBlockOutbox {
  /** Signals pending blocks now. Never throws: what fails stays pending. */
  flush(): Promise<void>;
  stop(): void;
}

/**
 * A transactional outbox: sign-in blocks a password in PostgreSQL, possibly while Temporal is away, and `blockToldAt`
 * stays null until the workflow has the signal. Delivery is at least once; the workflow ignores a repeated signal.
 */
export function startPasswordBlockOutbox(
  { db, citizens }: { db: Database; citizens: CitizenClient },
  everyMs = 5_000,
): PasswordBlockOutbox {
  const flush = async (): Promise<void> => {
    const pending = await db.prisma.password.findMany({
      where: { blockedAt: { not: null }, blockToldAt: null },
      select: { id: true, citizenId: true },
      take: 100,
    });
    for (const { id, citizenId } of pending) {
      // Each failure is caught, so that one workflow out of reach does not delay the others.
      await citizens
        .signal(passwordBlocked, citizenId, id)
        .then(() => db.prisma.password.updateMany({ where: { id }, data: { blockToldAt: new Date() } }))
        .catch(untilNextFlush);
    }
  };
  const timer = setInterval(() => void flush().catch(untilNextFlush), everyMs).unref();
  return { flush: () => flush().catch(untilNextFlush), stop: () => clearInterval(timer) };
}

/** PostgreSQL or Temporal is away: the row stays pending. */
const untilNextFlush = () => {};
