import { decoyCitizenId } from '../citizens/decoy-citizen-id.ts';
import { rateLimitKey } from '../http/client-address.ts';
import type { ApiDependencies } from '../http/dependencies.ts';
import {
  addressDigest,
  countRequestArguments,
  countRequestParameters,
  type LimitReached,
  limitReached,
  type RequestCountRow,
  requestCountColumns,
} from '../http/rate-limits.ts';
import { originParameters } from '../http/request-origin.ts';
import type { Preparation } from '../http/route.ts';
import {
  type ReservedSlotRow,
  reservedSlot,
  reserveSlotParameters,
  type Slot,
} from './failed-attempt-slots.ts';

/** What a sign-in knows before the password is compared. */
export interface PreparedSignIn {
  /** An unknown national id has a `decoyCitizenId`: its attempts take the same path in the same time. */
  readonly citizenId: string;
  readonly slot: Slot | { readonly noneUntilMs: number };
}

type Row = RequestCountRow & ReservedSlotRow & { readonly citizenId: string | null };

/**
 * All that a sign-in asks of PostgreSQL before the password is compared, in one statement: limits that are not counted yet,
 * its origin, a slot for a failure and the citizen. It is the same statement for an unknown national id.
 */
export async function prepareSignIn(
  { body: { nationalId }, requestId, path, origin, uncounted }: Preparation<{ readonly nationalId: string }>,
  dependencies: Pick<ApiDependencies, 'db' | 'ring' | 'policy' | 'clock'>,
): Promise<{ readonly prepared: PreparedSignIn } | { readonly reached: LimitReached }> {
  const { db, ring, clock } = dependencies;
  const address = rateLimitKey(origin.address);
  const digest = addressDigest(ring, address);
  const slot = reserveSlotParameters(
    { addressDigest: digest, address, nationalId },
    dependencies,
    clock.now(),
  );
  const { rows } = await db.pool.query<Row>({
    name: 'prepare-sign-in',
    text: `
      SELECT ${requestCountColumns}, inserted, none_until AS "noneUntil", citizen_id AS "citizenId"
      FROM prepare_sign_in(${countRequestArguments},
        request_id => $5, request_ip => $6, request_user_agent => $7, request_route => $8,
        slot_address => $9, slot_id => $10, max_slots => $11, slot_ends_at => $12, now_at => $13, national_id => $14)`,
    values: [
      ...countRequestParameters(uncounted, address, dependencies),
      ...originParameters(requestId, path, origin),
      ...slot,
      nationalId,
    ],
  });
  const [row] = rows;
  if (!row) throw new Error('the sign-in was not prepared');
  const reached = limitReached(uncounted, row);
  if (reached) return { reached };
  const citizenId = row.citizenId ?? decoyCitizenId(ring.mac('decoy', [nationalId]));
  return { prepared: { citizenId, slot: reservedSlot(slot, row) } };
}
