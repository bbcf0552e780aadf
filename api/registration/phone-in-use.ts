import type { Database } from '../../platform/database.ts';

/** Whether an act with this phone would be refused, as the act itself decides (`activities/registration-statements.ts`). */
export async function isPhoneInUse(
  { prisma }: Pick<Database, 'prisma'>,
  phone: string,
  citizenId: string | undefined,
): Promise<boolean> {
  const holder = await prisma.citizen.findUnique({ where: { phone } });
  return Boolean(holder && holder.id !== citizenId && holder.phoneConfirmedAt && !holder.unsubscribedAt);
}
