import { z } from 'zod';
import { maskEmail } from '../../domain/identity/email.ts';
import { maskPhone } from '../../domain/identity/phone-number.ts';
import { audit } from '../../records/audit.ts';
import { instant } from '../http/fields.ts';
import { route } from '../http/route.ts';
import { presentSession, sessionSchema } from './sessions.ts';

/** Reads the session and its citizen. As every use of a session, it restarts the idle limit. */
export const readSession = route({
  method: 'get',
  path: '/sessions/current',
  summary: 'Who is signed in',
  tag: 'Sessions',
  caller: 'session',
  replies: {
    200: z.object({
      session: sessionSchema,
      citizen: z.object({
        givenName: z.string(),
        firstSurname: z.string(),
        phone: z.string().meta({ example: '•••••1234' }),
        email: z.string(),
        level: z.string(),
        passwordExpiresAt: instant,
      }),
    }),
  },
  problems: [],
  async handle({ caller }, { db }) {
    const citizen = await db.prisma.citizen.findUniqueOrThrow({
      where: { id: caller.citizenId },
      include: { password: true },
    });
    // The password, and the session with it, ended after the caller was identified.
    if (!citizen.password) return { problem: 'not-authenticated' };
    const { givenName, firstSurname, phone, email, level, password } = citizen;
    return {
      status: 200,
      body: {
        session: presentSession(caller),
        citizen: {
          givenName,
          firstSurname,
          level,
          phone: maskPhone(phone ?? ''),
          email: maskEmail(email),
          passwordExpiresAt: password.expiresAt.toISOString(),
        },
      },
    };
  },
});

/** Signs out: the session ends at once. */
export const signOut = route({
  method: 'delete',
  path: '/sessions/current',
  summary: 'Sign out',
  tag: 'Sessions',
  caller: 'session',
  replies: { 204: z.undefined() },
  problems: [],
  async handle({ caller, requestId }, { db }) {
    const { id, citizenId } = caller;
    await db.prisma.$transaction(async (tx) => {
      await tx.session.deleteMany({ where: { id } });
      await audit(tx, { type: 'signed-out' }, { id, citizenId, requestId });
    });
    return { status: 204, body: undefined };
  },
});
