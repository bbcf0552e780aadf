import type { Clock } from '../../domain/clock.ts';
import type { NormalPassword } from '../../domain/permanente/password-rules.ts';
import type { Policy } from '../../domain/policy.ts';
import { type Database, type RawTransaction, withRawTransaction } from '../../platform/database.ts';
import type { Hashing, PasswordHash, PasswordHasher } from '../../platform/hashing.ts';
import { createKeyedQueue } from '../../platform/keyed-queue.ts';
import { auditStatement } from '../../records/audit.ts';

/** The password in force, as it is read under its lock. */
export interface LockedPassword {
  readonly id: string;
  readonly hash: string;
  readonly keyId: string;
  readonly failuresInARow: number;
  readonly blockedAt: Date | null;
  readonly expiresAt: Date;
}

/** One try of a citizen's password. */
export interface PasswordAttempt {
  /** Unknown citizens have an id of nobody's: the same path is taken, in the same time. */
  readonly citizenId: string;
  readonly candidate: NormalPassword;
  /** Of the answer's seed: a request that is repeated after a crash is the same try. */
  readonly attemptId: string;
  readonly requestId: string;
}

/** Right, with what was made of it; or not, and whether this try was the one that blocked. */
export type AttemptOutcome<Result> =
  | { readonly kind: 'right'; readonly value: Result }
  | { readonly kind: 'refused'; readonly blocked?: { readonly passwordId: string } };

type OnMatch<Result> = (tx: RawTransaction, password: LockedPassword) => Promise<Result>;

export interface PasswordAttempts {
  /**
   * Compares a password and counts. `onRight` runs in the same transaction, while the row is locked, so that what it
   * opens is opened for the password that was compared. @throws QueueFull
   */
  attempt<Result>(tried: PasswordAttempt, onRight: OnMatch<Result>): Promise<AttemptOutcome<Result>>;
}

/**
 * The count of failed sign-ins ([clave]: five tolerated, a sixth blocks; in a row is ours). The row is locked from before
 * the comparison until the count is written: comparisons of one citizen follow one another, on however many processes,
 * so there are never more than six, none is lost and none counts twice. A process that dies gives its lock back with the
 * try undone, or has counted it: then the trail knows the try, and its repetition counts no more. Who is unknown has no
 * row: a turn by id is taken first, on however many processes, so that many tries at once take as long for nobody as for
 * somebody. Within a process a citizen's tries take turns before they take one of the processor's, so that a flood on one
 * citizen holds up nobody else; and the processor's turn comes before the lock, so that a 503 costs no try.
 */
export function createPasswordAttempts(dependencies: {
  db: Database;
  hasher: PasswordHasher;
  policy: Policy;
  clock: Clock;
}): PasswordAttempts {
  const inTurn = createKeyedQueue({ concurrency: 1, maxQueued: 32 });
  return {
    attempt: <Result>(tried: PasswordAttempt, onRight: OnMatch<Result>) =>
      inTurn(tried.citizenId, () =>
        dependencies.hasher.enqueue((hashing) =>
          withRawTransaction<LockedPassword, AttemptOutcome<Result>>(
            dependencies.db,
            lockStatement(tried.citizenId),
            (tx, [password]) => attempt({ tx, password, hashing }, tried, onRight, dependencies),
            tried.citizenId,
          ),
        ),
      ),
  };
}

const lockStatement = (citizenId: string) => ({
  name: 'lock-password',
  text: `SELECT id, hash, "keyId", "failuresInARow", "blockedAt", "expiresAt"
    FROM "Password" WHERE "citizenId" = $1 FOR UPDATE`,
  values: [citizenId],
});

const recordFailureStatement = (passwordId: string, failuresInARow: number, blockedAt: Date | null) => ({
  text: 'UPDATE "Password" SET "failuresInARow" = $2, "blockedAt" = $3 WHERE id = $1',
  values: [passwordId, failuresInARow, blockedAt],
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

async function attempt<Result>(
  { tx, password, hashing }: Locked,
  { citizenId, candidate, attemptId: tryId, requestId }: PasswordAttempt,
  onRight: OnMatch<Result>,
  { policy, clock }: { policy: Policy; clock: Clock },
): Promise<AttemptOutcome<Result>> {
  // A blocked password is compared with nothing; the same work is done in vain.
  const isRight = await hashing.matches(candidate, password?.blockedAt ? undefined : password);
  const stamp = { id: tryId, citizenId, requestId };
  const reason = refusalReason(password, hashing);
  if (!password || reason) {
    const event = { type: 'sign-in-refused', reason: reason ?? 'unknown' } as const;
    await tx.commitWith(auditStatement(event, password ? stamp : { id: tryId, requestId }));
    return { kind: 'refused' };
  }
  const { id } = password;
  if (isRight) {
    const isOutdated = hashing.isOutdated(password);
    if (isOutdated || password.failuresInARow > 0)
      await tx.query(resetFailuresStatement(id, isOutdated ? await hashing.hash(candidate) : password));
    return { kind: 'right', value: await onRight(tx, password) };
  }
  const noted = await tx.query(auditStatement({ type: 'sign-in-refused', reason: 'wrong-password' }, stamp));
  if (noted.rowCount === 0) return { kind: 'refused' };
  const failuresInARow = password.failuresInARow + 1;
  const blocks = failuresInARow > policy.signIn.tries;
  const counted = recordFailureStatement(id, failuresInARow, blocks ? new Date(clock.now()) : null);
  if (!blocks) {
    await tx.commitWith(counted);
    return { kind: 'refused' };
  }
  await tx.query(counted);
  await tx.query({ text: 'DELETE FROM "Session" WHERE "citizenId" = $1', values: [citizenId] });
  await tx.commitWith(auditStatement({ type: 'password-blocked' }, stamp));
  return { kind: 'refused', blocked: { passwordId: id } };
}

/** Why a password opens nothing, whatever was entered: nothing is counted then. */
function refusalReason(password: LockedPassword | undefined, hashing: Hashing) {
  if (!password) return 'unknown';
  if (password.blockedAt) return 'blocked';
  // Its key was taken away: it has to be reset, but nobody has guessed at it.
  return hashing.canCompare(password) ? undefined : 'key-missing';
}

/** The id of nobody, for a citizen who is unknown: tries of one unknown id take turns like those of a known one. */
export const decoyCitizenId = (digest: Buffer): string => {
  const hex = digest.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
};
