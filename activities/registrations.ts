import type { RegistrationLevel } from '../domain/assurance.ts';
import { type Database, executeStatement, type Queries } from '../platform/database.ts';
import { isUniqueViolation } from '../platform/database-errors.ts';
import { audit } from '../records/audit.ts';
import { lockCitizen } from '../records/closures.ts';
import { endIdentifications } from '../records/identifications.ts';
import { clearOtpCounts } from '../records/otp-counts.ts';
import { withTransaction } from './transaction.ts';

export interface ApplyRegistration {
  readonly actId: string;
  readonly codeId: string;
  readonly citizenId: string;
  readonly officerId: string;
  readonly requestId: string;
  readonly appliedAtMs: number;
  /** The password that the workflow knows, if it knows one: the act unblocks that one and no other. */
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

/** In person, before an officer. */
const level: RegistrationLevel = 'advanced';

/**
 * Puts a staged registration act in force: the citizen's row is made or replaced, and a phone that another citizen
 * never confirmed is released. Safe to run twice: an act that has been applied returns the same result.
 */
export async function applyRegistration(db: Database, act: ApplyRegistration): Promise<AppliedRegistration> {
  try {
    return await withTransaction(db, (tx) => apply(tx, act));
  } catch (error) {
    // A concurrent act was written first, as a unique index shows: read what it wrote.
    if (isUniqueViolation(error)) return withTransaction(db, (tx) => apply(tx, act));
    throw error;
  }
}

async function apply(
  tx: Queries,
  { actId, codeId, citizenId, officerId, requestId, appliedAtMs, passwordId }: ApplyRegistration,
): Promise<AppliedRegistration> {
  const act = await tx.registrationAct.findUniqueOrThrow({ where: { id: actId } });
  // By their ids, so that two acts that exchange phones do not wait for each other.
  await tx.$queryRaw`
    SELECT 1 FROM "Citizen" WHERE id = ${citizenId}::uuid OR "nationalId" = ${act.nationalId} OR phone = ${act.phone}
    ORDER BY id FOR NO KEY UPDATE`;
  const known = await tx.citizen.findUnique({
    where: { nationalId: act.nationalId },
    include: { password: true },
  });
  if (act.appliedAt && known?.actId !== actId)
    return { kind: 'superseded', appliedAtMs: act.appliedAt.getTime() };
  const again =
    (await tx.registrationAct.count({ where: { citizenId, appliedAt: { not: null }, id: { not: actId } } })) >
    0;
  const inForce = known?.password && {
    id: known.password.id,
    expiresAtMs: known.password.expiresAt.getTime(),
    blocked: known.password.blockedAt !== null && known.password.id !== passwordId,
  };
  const password = inForce ? { password: inForce } : {};
  if (act.appliedAt) {
    // A retried act may run after a later regeneration; the workflow puts this code in force now, so store its id.
    await tx.citizen.update({ where: { id: citizenId }, data: { codeId } });
    return { kind: 'applied', again, phoneChanged: act.formerPhone !== null, level, ...password };
  }

  if (known && known.id !== citizenId) return { kind: 'other-citizen' };
  const holder = await tx.citizen.findUnique({ where: { phone: act.phone } });
  if (holder && holder.id !== citizenId) {
    // A phone never confirmed by a code, or of a citizen who has unsubscribed, yields to a new act (docs/adr/0015).
    const yields = { id: holder.id, OR: [{ phoneConfirmedAt: null }, { unsubscribedAt: { not: null } }] };
    const yielded = await tx.citizen.updateMany({
      where: yields,
      data: { phone: null, phoneConfirmedAt: null },
    });
    if (yielded.count === 0) return { kind: 'phone-in-use' };
    // Its codes went to the phone that it has lost.
    await endIdentifications(tx, holder.id, 'superseded', new Date(appliedAtMs));
    await audit(tx, { type: 'phone-yielded' }, { id: actId, citizenId: holder.id, officerId, requestId });
  }

  const { nationalId, givenName, firstSurname, secondSurname, email, phone, language } = act;
  const keepsPhone = known?.phone === phone;
  const declared = {
    givenName,
    firstSurname,
    secondSurname,
    email,
    phone,
    language,
    actId,
    codeId,
    phoneConfirmedAt: keepsPhone ? known.phoneConfirmedAt : null,
    level,
    registeredAt: new Date(appliedAtMs),
    unsubscribedAt: null,
    suspendedAt: null,
  };
  await tx.citizen.upsert({
    where: { id: citizenId },
    create: { id: citizenId, nationalId, ...declared },
    update: declared,
  });
  // The act lifts the block of the password that the workflow knows; a password restored from a backup stays blocked.
  if (passwordId)
    await tx.password.updateMany({
      where: { citizenId, id: passwordId },
      data: { blockedAt: null, blockToldAt: null, failuresInARow: 0 },
    });
  await endIdentifications(tx, citizenId, 'superseded', new Date(appliedAtMs));
  await clearOtpCounts(tx, citizenId);
  // Opened before an officer saw the person, perhaps with a code to the former phone.
  await tx.session.deleteMany({ where: { citizenId } });
  const formerPhone = known?.phone && !keepsPhone ? known.phone : null;
  await tx.registrationAct.update({
    where: { id: actId },
    data: { appliedAt: new Date(appliedAtMs), formerPhone },
  });
  await audit(tx, { type: 'citizen-registered', again }, { id: actId, citizenId, officerId, requestId });
  return { kind: 'applied', again, phoneChanged: formerPhone !== null, level, ...password };
}

export interface RegenerateCode {
  readonly codeId: string;
  readonly citizenId: string;
  readonly officerId: string;
  readonly requestId: string;
}

/**
 * Records a regeneration, unless the password stands blocked: the workflow may not have received that signal yet,
 * and only a registration act lifts a block ([clave]). The row stays locked, so that a concurrent block is ordered
 * before or after this. Safe to run twice: an existing event means that it is done.
 */
export const regenerateCode = (
  db: Database,
  { codeId, ...who }: RegenerateCode,
): Promise<{ kind: 'regenerated' | 'act-needed' }> =>
  withTransaction(db, async (tx) => {
    await executeStatement(tx, lockCitizen(who.citizenId));
    const [password] = await tx.$queryRaw<{ blockedAt: Date | null }[]>`
      SELECT "blockedAt" FROM "Password" WHERE "citizenId" = ${who.citizenId}::uuid FOR UPDATE`;
    const isNew = await audit(tx, { type: 'activation-code-regenerated' }, { id: codeId, ...who });
    if (isNew && password?.blockedAt) throw new Blocked();
    // A retried regeneration may run after a later one; the workflow puts this code in force now, so store its id.
    await tx.citizen.update({ where: { id: who.citizenId }, data: { codeId } });
    if (isNew) await endIdentifications(tx, who.citizenId, 'superseded', new Date());
    return { kind: 'regenerated' } as const;
  }).catch((error: unknown) => {
    if (error instanceof Blocked) return { kind: 'act-needed' };
    throw error;
  });

/** Rolls the transaction back. */
class Blocked extends Error {}
