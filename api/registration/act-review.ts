import { z } from 'zod';
import { sameEmail } from '../../domain/identity/email.ts';
import { audit } from '../../records/audit.ts';
import { citizenStatuses } from '../../workflows/messages.ts';
import type { ApiDependencies } from '../http/dependencies.ts';
import type { Callers, Reply, RequestContext } from '../http/route.ts';
import type { Declared } from './registrations.ts';

/** What a registration act would meet: a citizen with this national id, which of their data it would replace, and the phone. */
export const actReviewSchema = z.object({
  known: z
    .object({
      status: z.enum(citizenStatuses),
      replaces: z.array(z.enum(['name', 'email', 'phone', 'language'])),
    })
    .nullable(),
  /** Another citizen has the phone, has never confirmed it, and would lose it. */
  takesPhone: z.boolean(),
});

/**
 * Reviews a registration act for the officer before it is declared; nothing is registered. From PostgreSQL alone, since an
 * act is also what brings a workflow back that is gone. A phone that the act would be refused for is refused here.
 */
export async function reviewAct(
  { body, caller, requestId }: RequestContext<Declared, Callers['officer']>,
  { db, clock }: ApiDependencies,
): Promise<Reply> {
  const { nationalId, phone } = body;
  const citizen = await db.prisma.citizen.findUnique({
    where: { nationalId },
    include: { password: { select: { expiresAt: true } } },
  });
  const holder = await db.prisma.citizen.findUnique({ where: { phone } });
  // As the act itself decides (`activities/registration-statements.ts`).
  const isHeld = holder !== null && holder.id !== citizen?.id && !holder.unsubscribedAt;
  if (isHeld && holder.phoneConfirmedAt) return { problem: 'phone-in-use' };
  if (!citizen) return { status: 200, body: { known: null, takesPhone: isHeld } };
  const { id: citizenId, password, suspendedAt, unsubscribedAt } = citizen;
  await audit(
    db.prisma,
    { type: 'citizen-looked-up' },
    { id: requestId, citizenId, officerId: caller.officerId, requestId },
  );
  const status = unsubscribedAt
    ? 'unsubscribed'
    : suspendedAt
      ? 'suspended'
      : !password
        ? 'registered'
        : password.expiresAt.getTime() > clock.now()
          ? 'active'
          : 'expired';
  const isSameName =
    citizen.givenName === body.givenName &&
    citizen.firstSurname === body.firstSurname &&
    citizen.secondSurname === (body.secondSurname ?? null);
  const replaces = [
    ...(isSameName ? [] : ['name']),
    ...(sameEmail(citizen.email, body.email) ? [] : ['email']),
    ...(citizen.phone === phone ? [] : ['phone']),
    ...(citizen.language === body.language ? [] : ['language']),
  ];
  return { status: 200, body: { known: { status, replaces }, takesPhone: isHeld } };
}
