import { after } from '../../domain/durations.ts';
import type { Policy } from '../../domain/policy.ts';
import type { Database } from '../../platform/database.ts';
import type { KeyRing } from '../../platform/secrets.ts';

/**
 * One of the slots for different national ids on which an address may fail to sign in (`policy.failedIdsPerIp`, ours), so
 * that one client cannot block the passwords of a list of ids. It is reserved before the password is compared: otherwise
 * two hundred concurrent attempts could all see one slot left. `reserve_slot` in the database does it.
 */
export interface Slot {
  /** The row of `FailedId`: keyed digests of the address, and of address and national id. */
  readonly address: string;
  readonly id: string;
  /** When a failure that occupies it ends. */
  readonly endsAt: Date;
  /** Whether this attempt inserted the row: only then may it delete it. */
  readonly isNew: boolean;
}

/** The parameters of `reserve_slot`, in their order. `addressDigest` is that of `rate-limits.ts`. */
export const reserveSlotParameters = (
  { addressDigest, address, nationalId }: { addressDigest: string; address: string; nationalId: string },
  { ring, policy: { failedIdsPerIp } }: { ring: KeyRing; policy: Policy },
  nowMs: number,
) =>
  [
    addressDigest,
    ring.mac('address', [address, nationalId]).toString('base64url'),
    failedIdsPerIp.max,
    new Date(after(nowMs, failedIdsPerIp.per)),
    new Date(nowMs),
  ] as const;

/** What `reserve_slot` returns. */
export interface ReservedSlotRow {
  readonly inserted: boolean;
  readonly noneUntil: Date | null;
}

/** The slot; or none is left until an instant (ms). */
export function reservedSlot(
  [address, id, , endsAt]: ReturnType<typeof reserveSlotParameters>,
  { inserted, noneUntil }: ReservedSlotRow,
): Slot | { readonly noneUntilMs: number } {
  return noneUntil ? { noneUntilMs: noneUntil.getTime() } : { address, id, endsAt, isNew: inserted };
}

/** For SQL: the slot whose three parameters are numbered from `first` stays occupied until its end; without a slot, nothing. */
export const occupySlot = (first: number): string => `
  INSERT INTO "FailedId" (address, id, failed, "endsAt")
  SELECT $${first}::text, $${first + 1}::text, true, $${first + 2}::timestamptz WHERE $${first}::text IS NOT NULL
  -- A concurrent attempt on the same id may have inserted the row for both, and deleted it since.
  ON CONFLICT (address, id) DO UPDATE SET failed = true`;

/** These parameters. */
export const occupySlotParameters = (slot: Slot | undefined): unknown[] => [
  slot?.address,
  slot?.id,
  slot?.endsAt,
];

/** The sign-in failed, as far as is known: the slot stays occupied for the limit's period. */
export const markFailed = ({ pool }: Pick<Database, 'pool'>, slot: Slot): Promise<unknown> =>
  pool.query({ name: 'occupy-slot', text: occupySlot(1), values: occupySlotParameters(slot) });

/** The sign-in did not fail: frees the slot, unless another attempt on the same id has failed. */
export const releaseSlot = async (
  { pool }: Pick<Database, 'pool'>,
  { address, id, isNew }: Slot,
): Promise<void> => {
  if (!isNew) return;
  await pool.query({
    name: 'release-slot',
    text: 'DELETE FROM "FailedId" WHERE address = $1 AND id = $2 AND NOT failed',
    values: [address, id],
  });
};
