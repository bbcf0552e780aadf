import { after } from '../../domain/durations.ts';
import type { ApiDependencies } from '../http/dependencies.ts';

/** A place among the ids on which an address may fail: kept by a failure, given back if there was none. */
export type SlotReservation =
  | {
      readonly kind: 'taken';
      /** Of the row that this try has added, if it has: whoever deletes it gives the place back. */
      readonly key: { readonly address: string; readonly id: string } | undefined;
      keep(): Promise<void>;
      giveBack(): Promise<void>;
    }
  | { readonly kind: 'none'; readonly retryAtMs: number };

/**
 * One address may fail to sign in on few different ids (`failedIdsPerIp`), so that nobody blocks the passwords of a
 * list of ids. Taken before the comparison: two hundred at once can't all be the twentieth.
 */
export async function reserveSlot(
  { db, ring, policy, clock }: Pick<ApiDependencies, 'db' | 'ring' | 'policy' | 'clock'>,
  address: string,
  nationalId: string,
): Promise<SlotReservation> {
  const { tries, per } = policy.failedIdsPerIp;
  const nowMs = clock.now();
  const key = {
    address: ring.mac('address', [address]).toString('base64url'),
    id: ring.mac('address', [address, nationalId]).toString('base64url'),
  };
  const now = new Date(nowMs);
  const endsAt = new Date(after(nowMs, per));
  const { address: by, id } = key;
  // A place whose time is over is as good as none: upkeep removes it.
  const added = await db.pool.query({
    name: 'take-place',
    text: `
      INSERT INTO "FailedId" (address, id, failed, "endsAt") VALUES ($1, $2, false, $3)
      ON CONFLICT (address, id) DO UPDATE SET failed = false, "endsAt" = $3 WHERE "FailedId"."endsAt" <= $4`,
    values: [by, id, endsAt, now],
  });
  const isNew = added.rowCount === 1;
  const giveBack = async () => {
    if (isNew) await db.prisma.failedId.deleteMany({ where: { ...key, failed: false } });
  };
  const keep = async () => {
    // Another try on the same id may have taken the place for both, and given it back: the failure takes it again.
    await db.prisma.$executeRaw`
      INSERT INTO "FailedId" (address, id, failed, "endsAt") VALUES (${by}, ${id}, true, ${endsAt})
      ON CONFLICT (address, id) DO UPDATE SET failed = true`;
  };
  const taken = { kind: 'taken', key: isNew ? key : undefined, keep, giveBack } as const;
  if (!isNew) return taken;
  const { rows } = await db.pool.query<{ endsAt: Date }>({
    name: 'places-taken',
    text: 'SELECT "endsAt" FROM "FailedId" WHERE address = $1 AND "endsAt" > $2 ORDER BY "endsAt" LIMIT $3',
    values: [by, now, tries + 1],
  });
  if (rows.length <= tries) return taken;
  await giveBack();
  return { kind: 'none', retryAtMs: rows[0]?.endsAt.getTime() ?? after(nowMs, per) };
}
