import type { RegistrationLevel } from '../domain/assurance.ts';
import { type Database, executeStatement, type RawTransaction } from '../platform/database.ts';
import { isUniqueViolation } from '../platform/database-errors.ts';
import { audit } from '../records/audit.ts';
import { lockCitizen } from '../records/closures.ts';
import { endIdentifications } from '../records/identifications.ts';
import {
  type FoundAct,
  findAct,
  lockCitizensOf,
  officeLevel,
  storeCodeId,
  writesOf,
} from './registration-statements.ts';
import { withRawTransaction, withTransaction } from './transaction.ts';

export interface ApplyRegistration {
  readonly actId: string;
  readonly codeId: string;
  readonly citizenId: string;
  readonly officerId: string;
  readonly requestId: string;
  readonly appliedAtMs: number;
  /** The password that the workflow knows, if it knows one: the act unblocks that one and no other, and not after a suspension. */
  readonly passwordId?: string;
}
export interface PasswordInForce {
  readonly id: string;
  readonly expiresAtMs: number;
  /** Whether it stays blocked after the act. */
  readonly blocked: boolean;
}
export type AppliedRegistration =
  | {
      kind: 'applied';
      again: boolean;
      phoneChanged: boolean;
      level: RegistrationLevel;
      password?: PasswordInForce;
    }
  /** A later act is in force. */
  | { kind: 'superseded'; appliedAtMs: number }
  | { kind: 'phone-in-use' }
  | { kind: 'other-citizen' };

/**
 * Puts a staged registration act in force: the citizen's row is made or replaced, and a phone that another citizen
 * never confirmed is released. Safe to run twice: an act that has been applied returns the same result.
 */
export async function applyRegistration(db: Database, act: ApplyRegistration): Promise<AppliedRegistration> {
  const startedAt = performance.now();
  const apply = () =>
    withRawTransaction<FoundAct, AppliedRegistration>(
      db,
      findAct(act),
      (tx, [found]) => applyFound(tx, act, found),
      { locks: [lockCitizensOf(act)], startedAt },
    );
  try {
    return await apply();
  } catch (error) {
    // A concurrent act was written first, as a unique index shows: read what it wrote.
    if (isUniqueViolation(error)) return apply();
    throw error;
  }
}

/** @throws Error if the act was never staged, which is a defect of the code */
async function applyFound(
  tx: Pick<RawTransaction, 'queryAll'>,
  act: ApplyRegistration,
  found: FoundAct | undefined,
): Promise<AppliedRegistration> {
  if (!found) throw new Error('no such registration act');
  const { appliedAt, isInForce, again, knownId, holderId, holderYields } = found;
  if (appliedAt && !isInForce) return { kind: 'superseded', appliedAtMs: appliedAt.getTime() };
  const applied = {
    kind: 'applied',
    again,
    phoneChanged: found.formerPhone !== null,
    level: officeLevel,
  } as const;
  if (appliedAt) {
    await tx.queryAll([storeCodeId(act)]);
    return { ...applied, ...passwordInForce(found) };
  }
  if (knownId && knownId !== act.citizenId) return { kind: 'other-citizen' };
  if (holderId && !holderYields) return { kind: 'phone-in-use' };
  await tx.queryAll(writesOf(act, found));
  return { ...applied, ...passwordInForce(found, found.isSuspected ? undefined : act.passwordId) };
}

/** The password that stands after the act; `unblockedId`: the one whose block this run has lifted. */
function passwordInForce(
  { passwordId: id, passwordExpiresAt, isBlocked }: FoundAct,
  unblockedId?: string,
): { readonly password?: PasswordInForce } {
  if (!id || !passwordExpiresAt) return {};
  return {
    password: { id, expiresAtMs: passwordExpiresAt.getTime(), blocked: isBlocked && id !== unblockedId },
  };
}

export interface RegenerateCode {
  readonly codeId: string;
  readonly citizenId: string;
  readonly officerId: string;
  readonly requestId: string;
  readonly regeneratedAtMs: number;
}

/**
 * Records a regeneration, unless the password stands blocked: the workflow may not have received that signal yet,
 * and only a registration act lifts a block ([clave]). The row stays locked, so that a concurrent block is ordered
 * before or after this. Safe to run twice: an existing event means that it is done.
 */
export const regenerateCode = (
  db: Database,
  { codeId, regeneratedAtMs, ...who }: RegenerateCode,
): Promise<{ kind: 'regenerated' | 'act-needed' }> =>
  withTransaction(db, async (tx) => {
    await executeStatement(tx, lockCitizen(who.citizenId));
    const [password] = await tx.$queryRaw<{ blockedAt: Date | null }[]>`
      SELECT "blockedAt" FROM "Password" WHERE "citizenId" = ${who.citizenId}::uuid FOR UPDATE`;
    const isNew = await audit(tx, { type: 'activation-code-regenerated' }, { id: codeId, ...who });
    if (isNew && password?.blockedAt) throw new Blocked();
    // A retried regeneration may run after a later one; the workflow puts this code in force now, so store its id.
    await tx.citizen.update({ where: { id: who.citizenId }, data: { codeId } });
    if (isNew) await endIdentifications(tx, who.citizenId, 'superseded', new Date(regeneratedAtMs));
    return { kind: 'regenerated' } as const;
  }).catch((error: unknown) => {
    if (error instanceof Blocked) return { kind: 'act-needed' };
    throw error;
  });

/** Rolls the transaction back. */
class Blocked extends Error {}
