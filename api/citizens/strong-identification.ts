import { z } from 'zod';
import { after } from '../../domain/durations.ts';
import type { Policy } from '../../domain/policy.ts';
import { strongIdentificationMeans } from '../../domain/registration/strong-identification.ts';
import { instant } from '../http/fields.ts';

/** When the identity was last proved in person, and when that is due again. Absent: never. */
export const lastStrongIdentification = z
  .object({
    at: instant,
    by: z.enum(strongIdentificationMeans),
    dueAt: instant.meta({
      description: 'From then on no signing certificate is issued until it is renewed.',
    }),
  })
  .meta({ id: 'StrongIdentification' });

export type PresentedStrongIdentification = z.infer<typeof lastStrongIdentification>;

/** Presents an identification in person; the period is that of the policy. */
export const presentStrongIdentification = (
  { atMs, by }: { atMs: number; by: PresentedStrongIdentification['by'] },
  { identity }: Pick<Policy, 'identity'>,
): PresentedStrongIdentification => ({
  at: new Date(atMs).toISOString(),
  by,
  dueAt: new Date(after(atMs, identity.renewal)).toISOString(),
});

/** The member of a reply about a citizen; none if the identity was never proved in person. */
export function strongIdentificationOf(
  {
    strongIdentifiedAt: at,
    strongIdentifiedBy,
  }: { strongIdentifiedAt: Date | null; strongIdentifiedBy: string | null },
  policy: Pick<Policy, 'identity'>,
): { lastStrongIdentification?: PresentedStrongIdentification } {
  const by = strongIdentificationMeans.find((means) => means === strongIdentifiedBy);
  if (!at || !by) return {};
  return { lastStrongIdentification: presentStrongIdentification({ atMs: at.getTime(), by }, policy) };
}
