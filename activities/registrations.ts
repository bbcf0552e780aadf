import type { RegistrationLevel } from '../domain/assurance.ts';
import type { StrongIdentification } from '../domain/registration/strong-identification.ts';
import type { Database, RawTransaction } from '../platform/database.ts';
import { isUniqueViolation } from '../platform/database-errors.ts';
import {
  actLevel,
  type FoundAct,
  findAct,
  lockCitizensOf,
  storeCodeId,
  strongBy,
  writesOf,
} from './registration-statements.ts';
import { withRawTransaction } from './transaction.ts';

export interface ApplyRegistration {
  readonly actId: string;
  readonly codeId: string;
  readonly citizenId: string;
  /** Absent: declared online. */
  readonly officerId?: string;
  readonly online?: OnlineAct;
  readonly requestId: string;
  readonly appliedAtMs: number;
  /** The password that the workflow knows, if it knows one: the act unblocks that one and no other, and not after a suspension. */
  readonly passwordId?: string;
}
/** What an act that was declared online is applied with: it completes the journey that proved the phone. */
export interface OnlineAct {
  /** By the DNIe, which alone of the certificates proves the identity in person ([clave]). */
  readonly isStrong: boolean;
  readonly journeyId: string;
  readonly finishedBy: string;
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
      /** When and how the identity was last proved in person, as it stands after the act. */
      strong?: Pick<StrongIdentification, 'atMs' | 'by'>;
    }
  /** A later act is in force. */
  | { kind: 'superseded'; appliedAtMs: number }
  | { kind: 'phone-in-use' }
  | { kind: 'other-citizen' }
  /** Declared online, and suspended since, which only the DNIe or an office lifts; or its journey or evidence is gone. */
  | { kind: 'not-allowed' };

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
  const strong = appliedAt ? strongOf(found) : (strongBy(act) ?? strongOf(found));
  const applied = {
    kind: 'applied',
    again,
    phoneChanged: found.formerPhone !== null,
    level: actLevel,
    ...(strong && { strong }),
  } as const;
  if (appliedAt) {
    await tx.queryAll([storeCodeId(act)]);
    return { ...applied, ...passwordInForce(found) };
  }
  if (knownId && knownId !== act.citizenId) return { kind: 'other-citizen' };
  if (holderId && !holderYields) return { kind: 'phone-in-use' };
  if (act.online && (!found.isReady || (found.isSuspended && !act.online.isStrong)))
    return { kind: 'not-allowed' };
  await tx.queryAll(writesOf(act, found));
  return { ...applied, ...passwordInForce(found, found.isSuspected ? undefined : act.passwordId) };
}

const strongOf = ({ strongAt, strongBy }: FoundAct) =>
  strongAt && strongBy ? { atMs: strongAt.getTime(), by: strongBy } : undefined;

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
