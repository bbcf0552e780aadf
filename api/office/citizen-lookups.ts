import { z } from 'zod';
import { maskEmail } from '../../domain/identity/email.ts';
import { maskPhone } from '../../domain/identity/phone-number.ts';
import { audit } from '../../records/audit.ts';
import { citizenStatus, citizenStatuses } from '../../workflows/messages.ts';
import { lastStrongIdentification, strongIdentificationOf } from '../citizens/strong-identification.ts';
import { instant, nationalId } from '../http/fields.ts';
import { route } from '../http/route.ts';

/** Looks up a citizen's status for an officer. A POST, so that the national id is in no URL and no access log. */
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
      status: z.enum(citizenStatuses),
      blocked: z.array(z.enum(['code', 'password'])),
      givenName: z.string().meta({ example: 'Ana' }),
      firstSurname: z.string().meta({ example: 'Pi' }),
      secondSurname: z.string().optional(),
      email: z.string().meta({ example: 'a••@example.org' }),
      phone: z.string().meta({ example: '•••••1234' }),
      level: z.string().meta({ example: 'advanced' }),
      registeredAt: instant,
      lastStrongIdentification: lastStrongIdentification.optional(),
      passwordExpiresAt: instant.optional(),
    }),
  },
  problems: ['not-registered'],
  async handle({ body, caller, requestId }, { db, citizens, policy }) {
    const citizen = await db.prisma.citizen.findUnique({
      where: { nationalId: body.nationalId },
      include: { password: { select: { blockedAt: true, expiresAt: true } } },
    });
    if (!citizen) return { problem: 'not-registered' };
    // The workflow of a citizen who is suspended or unsubscribed is not queried: it may be gone.
    const { unsubscribedAt, suspendedAt, password } = citizen;
    const state = unsubscribedAt || suspendedAt ? undefined : await citizens.query(citizenStatus, citizen.id);
    await audit(
      db.prisma,
      { type: 'citizen-looked-up' },
      { id: requestId, citizenId: citizen.id, officerId: caller.officerId, requestId },
    );
    return {
      status: 200,
      body: {
        citizenId: citizen.id,
        // PostgreSQL is authoritative for a suspension and for a block of the password: the workflow may not have heard yet.
        status: unsubscribedAt ? 'unsubscribed' : suspendedAt ? 'suspended' : (state?.status ?? 'registered'),
        blocked: [
          ...(suspendedAt || state?.blocked.includes('code') ? ['code'] : []),
          ...(password?.blockedAt ? ['password'] : []),
        ],
        givenName: citizen.givenName,
        firstSurname: citizen.firstSurname,
        ...(citizen.secondSurname !== null && { secondSurname: citizen.secondSurname }),
        email: maskEmail(citizen.email),
        level: citizen.level,
        phone: citizen.phone ? maskPhone(citizen.phone) : '',
        registeredAt: citizen.registeredAt.toISOString(),
        ...strongIdentificationOf(citizen, policy),
        ...(password && { passwordExpiresAt: password.expiresAt.toISOString() }),
      },
    };
  },
});
