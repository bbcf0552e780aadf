import { after } from '../../domain/durations.ts';
import type { ApiDependencies } from '../http/dependencies.ts';

/** The row of `FailedId` that holds a slot: keyed digests of the address, and of address and national id. */
export interface SlotKey {
  readonly address: string;
  readonly id: string;
}

/** A slot for one national id among those on which an address may fail to sign in; or none left until an instant (ms). */
export type SlotReservation =
  | {
      readonly kind: 'reserved';
      /** The row that this attempt inserted, if it did; deleting it releases the slot. */
      readonly key: SlotKey | undefined;
      /** The sign-in failed: the slot stays occupied for the limit's period. */
      markFailed(): Promise<void>;
      /** The sign-in did not fail: frees the slot, unless another attempt on the same id has failed. */
      release(): Promise<void>;
    }
  | { readonly kind: 'exhausted'; readonly retryAtMs: number };

/**
 * Limits the different national ids on which one address may fail to sign in (`policy.failedIdsPerIp`, ours), so that one
 * client cannot block the passwords of a list of ids. The slot is reserved before the password is compared: otherwise
 * two hundred concurrent attempts could all see one slot left.
 */
export async function reserveSlot(
  { db, ring, policy, clock }: Pick<ApiDependencies, 'db' | 'ring' | 'policy' | 'clock'>,
  address: string,
  nationalId: string,
): Promise<SlotReservation> {
  const { max, per } = policy.failedIdsPerIp;
  const nowMs = clock.now();
  const key: SlotKey = {
    address: ring.mac('address', [address]).toString('base64url'),
    id: ring.mac('address', [address, nationalId]).toString('base64url'),
  };
  const now = new Date(nowMs);
  const endsAt = new Date(after(nowMs, per));
  // An expired row that upkeep has not deleted yet counts as absent.
  const inserted = await db.pool.query({
    name: 'reserve-slot',
    text: `
      INSERT INTO "FailedId" (address, id, failed, "endsAt") VALUES ($1, $2, false, $3)
      ON CONFLICT (address, id) DO UPDATE SET failed = false, "endsAt" = $3 WHERE "FailedId"."endsAt" <= $4`,
    values: [key.address, key.id, endsAt, now],
  });
  const isNew = inserted.rowCount === 1;
  const release = async () => {
    if (isNew) await db.prisma.failedId.deleteMany({ where: { ...key, failed: false } });
  };
  const markFailed = async () => {
    // An upsert: a concurrent attempt on the same id may have inserted the row for both and deleted it since.
    await db.prisma.$executeRaw`
      INSERT INTO "FailedId" (address, id, failed, "endsAt") VALUES (${key.address}, ${key.id}, true, ${endsAt})
      ON CONFLICT (address, id) DO UPDATE SET failed = true`;
  };
  const reserved = { kind: 'reserved', key: isNew ? key : undefined, markFailed, release } as const;
  if (!isNew) return reserved;
  const { rows } = await db.pool.query<{ endsAt: Date }>({
    name: 'occupied-slots',
    text: 'SELECT "endsAt" FROM "FailedId" WHERE address = $1 AND "endsAt" > $2 ORDER BY "endsAt" LIMIT $3',
    values: [key.address, now, max + 1],
  });
  if (rows.length <= max) return reserved;
  await release();
  return { kind: 'exhausted', retryAtMs: rows[0]?.endsAt.getTime() ?? after(nowMs, per) };
}
