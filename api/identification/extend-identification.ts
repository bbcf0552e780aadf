import { after } from '../../domain/durations.ts';
import type { IdentificationRules } from '../../domain/identification.ts';
import type { ApiDependencies } from '../http/dependencies.ts';
import { type IdentificationRow, identificationColumns } from './identification-rows.ts';

/**
 * Gives an identification as much time again as it had. The end is reckoned from its start, so that a repetition gives no
 * more. Undefined if it is over.
 */
export async function extendIdentification(
  rules: IdentificationRules,
  { id, startedAt }: { readonly id: string; readonly startedAt: Date },
  { db, policy, clock }: Pick<ApiDependencies, 'clock' | 'db' | 'policy'>,
): Promise<IdentificationRow | undefined> {
  const { life } = rules.limits(policy);
  const { rows } = await db.pool.query<IdentificationRow>({
    name: 'extend-identification',
    text: `
      UPDATE "Journey" SET "expiresAt" = greatest("expiresAt", $2::timestamptz)
      WHERE id = $1 AND "finishedAt" IS NULL AND "expiresAt" > $3::timestamptz
      RETURNING ${identificationColumns}`,
    values: [id, new Date(after(after(startedAt.getTime(), life), life)), new Date(clock.now())],
  });
  return rows[0];
}
