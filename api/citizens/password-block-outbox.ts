import type { Database } from '../../platform/database.ts';
import { passwordBlocked } from '../../workflows/messages.ts';
import type { CitizenClient } from './citizen-client.ts';

/** Tells citizens' workflows of passwords that failed sign-ins have blocked, so that operators see it and the citizen is texted. */
export interface PasswordBlockOutbox {
  /** Tells at once what is to be told. */
  flush(): Promise<void>;
  stop(): void;
}

/**
 * PostgreSQL decides about a block and is the one place that knows it; Temporal may be away just then. So what has not
 * been told is looked for, now and again. A workflow that is told twice does nothing the second time.
 */
export function startPasswordBlockOutbox(
  { db, citizens }: { db: Database; citizens: CitizenClient },
  everyMs = 5_000,
): PasswordBlockOutbox {
  const look = async (): Promise<void> => {
    const untold = await db.prisma.password.findMany({
      where: { blockedAt: { not: null }, blockToldAt: null },
      select: { id: true, citizenId: true },
      take: 100,
    });
    for (const { id, citizenId } of untold) {
      // One whose workflow cannot be told keeps no other waiting.
      await citizens
        .signal(passwordBlocked, citizenId, id)
        .then(() => db.prisma.password.updateMany({ where: { id }, data: { blockToldAt: new Date() } }))
        .catch(nextTime);
    }
  };
  const timer = setInterval(() => void look().catch(nextTime), everyMs).unref();
  return { flush: () => look().catch(nextTime), stop: () => clearInterval(timer) };
}

/** PostgreSQL or Temporal is away: the next round tells. */
const nextTime = () => {};
