import { z } from 'zod';
import { maskPhone } from '../../domain/identity/phone-number.ts';
import { audit } from '../../records/audit.ts';
import { citizenStatus } from '../../workflows/messages.ts';
import { instant, nationalId } from '../http/fields.ts';
import { route } from '../http/route.ts';

/** An officer sees how a citizen stands. A POST, so that no national id is in an address or a log. */
export const lookUpCitizen = route({
  method: 'post',
  path: '/citizen-lookups',
  summary: 'How a citizen stands',
  tag: 'Registration office',
  caller: 'officer',
  body: () => z.strictObject({ nationalId }),
  replies: {
    200: z.object({
      citizenId: z.guid(),
      status: z.enum(['registered', 'active', 'expired', 'suspended', 'unsubscribed']),
      blocked: z.array(z.enum(['code', 'password'])),
      phone: z.string().meta({ example: '•••••1234' }),
      registeredAt: instant,
      passwordExpiresAt: instant.optional(),
    }),
  },
  problems: ['not-registered'],
  async handle({ body, caller, requestId }, { db, citizens }) {
    const citizen = await db.prisma.citizen.findUnique({
      where: { nationalId: body.nationalId },
      include: { password: { select: { blockedAt: true } } },
    });
    if (!citizen) return { problem: 'not-registered' };
    const now = citizen.unsubscribedAt ? undefined : await citizens.query(citizenStatus, citizen.id);
    await audit(
      db.prisma,
      { type: 'citizen-looked-up' },
      { id: requestId, citizenId: citizen.id, officerId: caller.officerId, requestId },
    );
    return {
      status: 200,
      body: {
        citizenId: citizen.id,
        status: now?.status ?? (citizen.unsubscribedAt ? 'unsubscribed' : 'registered'),
        // PostgreSQL decides about the password; the workflow may not have been told yet.
        blocked: [
          ...(now?.blocked.includes('code') ? ['code'] : []),
          ...(citizen.password?.blockedAt ? ['password'] : []),
        ],
        phone: citizen.phone ? maskPhone(citizen.phone) : '',
        registeredAt: citizen.registeredAt.toISOString(),
        ...(now?.passwordExpiresAtMs !== undefined && {
          passwordExpiresAt: new Date(now.passwordExpiresAtMs).toISOString(),
        }),
      },
    };
  },
});
