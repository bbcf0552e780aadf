import type { AuditEvent, AuditStamp } from '../../domain/audit-events.ts';
import type { Clock } from '../../domain/clock.ts';
import type { NormalPassword } from '../../domain/permanente/password-rules.ts';
import type { Policy } from '../../domain/policy.ts';
import {
  advisoryLock,
  type Database,
  type RawTransaction,
  withRawTransaction,
} from '../../platform/database.ts';
import type { Hashing, PasswordHash, PasswordHasher } from '../../platform/hashing.ts';
import { createKeyedQueue } from '../../platform/keyed-queue.ts';
import {
  auditParameterCount,
  auditParameters,
  auditPlaceholders,
  auditStatement,
  insertIntoAudit,
} from '../../records/audit.ts';
import { lockCitizen } from '../../records/closures.ts';
import { endIdentificationsStatement } from '../../records/identifications.ts';
import { endSessionsStatement } from '../../records/sessions.ts';
import { occupySlot, occupySlotParameters, type Slot } from './failed-attempt-slots.ts';

/** The password in force, as read under its row lock. */
export interface LockedPassword {
  readonly id: string;
  readonly hash: string;
  readonly keyId: string;
  readonly failuresInARow: number;
  readonly blockedAt: Date | null;
  readonly expiresAt: Date;
  /** Of the citizen: it bounds the assurance that the password leads to. */
  readonly registrationLevel: string;
}

/** One attempt at a citizen's password. */
interface PasswordAttempt {
  /** An unknown national id has a `decoyCitizenId`: its attempts take the same path in the same time. */
  readonly citizenId: string;
  readonly candidate: NormalPassword;
  /** Derived from the response randomness: a repetition of the request after a crash is the same attempt. */
  readonly attemptId: string;
  readonly requestId: string;
  /** Stays occupied if the password is refused, in the transaction that counts it. */
  readonly slot?: Slot;
}

/** The password matched, with the result of `onMatch`; or it was refused, with the password if this attempt blocked it. */
export type AttemptOutcome<Result> =
  | { readonly kind: 'right'; readonly value: Result }
  | { readonly kind: 'refused'; readonly blocked?: { readonly passwordId: string } };

type OnMatch<Result> = (tx: RawTransaction, password: LockedPassword) => Promise<Result>;

export interface PasswordAttempts {
  /**
   * Compares a password and counts a failure. `onMatch` runs in the same transaction, under the row lock, so that a
   * session is opened only for the password that was compared. @throws QueueFull
   */
  attempt<Result>(attempt: PasswordAttempt, onMatch: OnMatch<Result>): Promise<AttemptOutcome<Result>>;
}

/**
 * Counts failed sign-ins in a row and blocks the password at the first beyond `policy.signIn` ([clave]: five tolerated;
 * "in a row" is ours). docs/adr/0017 explains the three locks, taken in this order:
 *
 * 1. A queue per citizen in this process: a flood of attempts on one citizen occupies one hashing slot at a time.
 * 2. A hashing slot, before any database lock: a full queue is refused with 503 before the attempt counts.
 * 3. The row lock, with an advisory lock on the citizen id before it. It is held from before the comparison until the
 *    count is written, so that attempts on one citizen are sequential across processes: no failure is lost or counted
 *    twice. A decoy citizen has no row; the advisory lock alone makes its concurrent attempts take as long.
 *
 * The audit row has the attempt's id. If a process dies, its transaction is either rolled back, or the audit row exists
 * and a repetition of the request does not count again.
 */
export function createPasswordAttempts(dependencies: {
  db: Database;
  hasher: PasswordHasher;
  policy: Policy;
  clock: Clock;
}): PasswordAttempts {
  const enqueue = createKeyedQueue({ concurrency: 1, maxQueued: 32 });
  return {
    attempt: <Result>(attempt: PasswordAttempt, onMatch: OnMatch<Result>) =>
      enqueue(attempt.citizenId, () =>
        dependencies.hasher.enqueue((hashing) =>
          withRawTransaction<LockedPassword, AttemptOutcome<Result>>(
            dependencies.db,
            lockPassword(attempt.citizenId),
            (tx, [password]) => compareAndCount({ tx, password, hashing }, attempt, onMatch, dependencies),
            [advisoryLock(attempt.citizenId), lockCitizen(attempt.citizenId)],
          ),
        ),
      ),
  };
}

const lockPassword = (citizenId: string) => ({
  name: 'lock-password',
  text: `SELECT password.id, hash, "keyId", "failuresInARow", "blockedAt", "expiresAt", level AS "registrationLevel"
    FROM "Password" password JOIN "Citizen" citizen ON citizen.id = "citizenId"
    WHERE "citizenId" = $1::uuid FOR UPDATE OF password`,
  values: [citizenId],
});

/** A failure to be counted. */
interface Failure {
  readonly passwordId: string;
  readonly failuresInARow: number;
  readonly blockedAt: Date | null;
}

const firstOfFailure = auditParameterCount + 1;

/**
 * Audits a refusal, counts the failure if there is one, and keeps the slot. The same statement for everybody, so that
 * its time reveals nothing. A repetition of the attempt finds its audit event, and counts no second time.
 */
const refuseStatement = (
  event: AuditEvent,
  stamp: AuditStamp,
  failure: Failure | undefined,
  slot: Slot | undefined,
) => ({
  name: 'refuse-sign-in',
  text: `
    WITH audited AS (
      ${insertIntoAudit} VALUES (${auditPlaceholders(1)}) ON CONFLICT DO NOTHING RETURNING 1),
    counted AS (
      UPDATE "Password" SET "failuresInARow" = $${firstOfFailure + 1}, "blockedAt" = $${firstOfFailure + 2}
      WHERE id = $${firstOfFailure}::uuid AND EXISTS (SELECT FROM audited)),
    kept AS (${occupySlot(firstOfFailure + 3)})
    SELECT 1 FROM audited`,
  values: [
    ...auditParameters(event, stamp),
    failure?.passwordId,
    failure?.failuresInARow,
    failure?.blockedAt,
    ...occupySlotParameters(slot),
  ],
});

const resetFailuresStatement = (passwordId: string, { hash, keyId }: PasswordHash) => ({
  text: 'UPDATE "Password" SET "failuresInARow" = 0, hash = $2, "keyId" = $3 WHERE id = $1',
  values: [passwordId, hash, keyId],
});

interface Locked {
  readonly tx: RawTransaction;
  readonly password: LockedPassword | undefined;
  readonly hashing: Hashing;
}

async function compareAndCount<Result>(
  { tx, password, hashing }: Locked,
  { citizenId, candidate, attemptId, requestId, slot }: PasswordAttempt,
  onMatch: OnMatch<Result>,
  { policy, clock }: { policy: Policy; clock: Clock },
): Promise<AttemptOutcome<Result>> {
  // A missing or blocked password is compared with a dummy hash, so that the refusal takes the same time.
  const isMatch = await hashing.matches(candidate, password?.blockedAt ? undefined : password);
  const stamp = { id: attemptId, citizenId, requestId };
  const reason = refusalReason(password, hashing);
  if (!password || reason) {
    const event = { type: 'sign-in-refused', reason: reason ?? 'unknown' } as const;
    const shown = password ? stamp : { id: attemptId, requestId };
    await tx.commitWith(refuseStatement(event, shown, undefined, slot));
    return { kind: 'refused' };
  }
  const { id } = password;
  if (isMatch) {
    const isOutdated = hashing.isOutdated(password);
    if (isOutdated || password.failuresInARow > 0)
      await tx.query(resetFailuresStatement(id, isOutdated ? await hashing.hash(candidate) : password));
    return { kind: 'right', value: await onMatch(tx, password) };
  }
  const failuresInARow = password.failuresInARow + 1;
  const now = new Date(clock.now());
  const blocks = failuresInARow > policy.signIn.tolerated;
  const failure = { passwordId: id, failuresInARow, blockedAt: blocks ? now : null };
  const event = { type: 'sign-in-refused', reason: 'wrong-password' } as const;
  const refuse = refuseStatement(event, stamp, failure, slot);
  if (!blocks) {
    await tx.commitWith(refuse);
    return { kind: 'refused' };
  }
  if ((await tx.query(refuse)).rowCount === 0) return { kind: 'refused' };
  await tx.commitWithAll([
    endIdentificationsStatement(citizenId, 'blocked', now),
    endSessionsStatement(citizenId),
    auditStatement({ type: 'password-blocked' }, stamp),
  ]);
  return { kind: 'refused', blocked: { passwordId: id } };
}

/** Why a password is refused without a comparison; such an attempt is not counted. Undefined if it can be compared. */
function refusalReason(password: LockedPassword | undefined, hashing: Hashing) {
  if (!password) return 'unknown';
  if (password.blockedAt) return 'blocked';
  // The key of its hash has left the ring: the citizen has to reset the password, and no guess was made.
  return hashing.canCompare(password) ? undefined : 'key-missing';
}
