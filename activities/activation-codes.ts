import { type Database, executeStatement } from '../platform/database.ts';
import { audit } from '../records/audit.ts';
import { lockCitizen } from '../records/closures.ts';
import { endIdentifications } from '../records/identifications.ts';
import { keepEvidenceOf } from './certified-acts.ts';
import { withTransaction } from './transaction.ts';

export interface RegenerateCode {
  readonly codeId: string;
  readonly citizenId: string;
  /** Absent: asked for with a certificate. */
  readonly officerId?: string;
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
    if (isNew && !who.officerId) await keepEvidenceOf(tx, codeId, who.citizenId, new Date(regeneratedAtMs));
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
