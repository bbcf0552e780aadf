import { z } from 'zod';
import { maskEmail } from '../../domain/identity/email.ts';
import { maskPhone } from '../../domain/identity/phone-number.ts';
import { idleLimit } from '../../domain/session-limits.ts';
import { audit } from '../../records/audit.ts';
import { lastStrongIdentification, strongIdentificationOf } from '../citizens/strong-identification.ts';
import type { ApiDependencies } from '../http/dependencies.ts';
import { instant } from '../http/fields.ts';
import { route } from '../http/route.ts';
import { presentSession, type StoredSession, sessionSchema } from './sessions.ts';

const currentSession = sessionSchema.extend({
  idleAt: instant.meta({ description: 'When it ends unused: each use moves it, up to `expiresAt`.' }),
});

/** Presents the session of a request, which has just restarted its idle limit. */
const presentCurrent = (
  session: StoredSession,
  { policy, clock }: Pick<ApiDependencies, 'clock' | 'policy'>,
): z.infer<typeof currentSession> => ({
  ...presentSession(session),
  idleAt: idleLimit(clock.now(), policy.session.idle, session.endsAt).toISOString(),
});

/** Reads the session and its citizen. As every use of a session, it restarts the idle limit. */
export const readSession = route({
  method: 'get',
  path: '/sessions/current',
  summary: 'Who is signed in',
  tag: 'Sessions',
  caller: 'session',
  replies: {
    200: z.object({
      session: currentSession,
      citizen: z.object({
        givenName: z.string(),
        firstSurname: z.string(),
        secondSurname: z.string().optional(),
        phone: z.string().optional().meta({ description: 'Absent: there is none.', example: '•••••1234' }),
        email: z.string(),
        level: z.string(),
        passwordExpiresAt: instant.optional().meta({ description: 'Absent: there is no password.' }),
        lastStrongIdentification: lastStrongIdentification.optional(),
      }),
    }),
  },
  problems: [],
  async handle({ caller }, dependencies) {
    const citizen = await dependencies.db.prisma.citizen.findUniqueOrThrow({
      where: { id: caller.citizenId },
      include: { password: true },
    });
    // The password, and the session with it, ended after the caller was identified.
    if (caller.basis === 'password' && !citizen.password) return { problem: 'not-authenticated' };
    const { givenName, firstSurname, secondSurname, phone, email, level, password } = citizen;
    return {
      status: 200,
      body: {
        session: presentCurrent(caller, dependencies),
        citizen: {
          givenName,
          firstSurname,
          ...(secondSurname && { secondSurname }),
          level,
          ...(phone !== null && { phone: maskPhone(phone) }),
          ...strongIdentificationOf(citizen, dependencies.policy),
          email: maskEmail(email),
          ...(password && { passwordExpiresAt: password.expiresAt.toISOString() }),
        },
      },
    };
  },
});

/** Restarts the idle limit, as every use does; the absolute limit stays ([WCAG] 2.2.1, docs/adr/0040). */
export const extendSession = route({
  method: 'post',
  path: '/sessions/current/extension',
  summary: 'Keep the session open',
  tag: 'Sessions',
  caller: 'session',
  replies: { 200: z.object({ session: currentSession }) },
  problems: [],
  async handle({ caller }, dependencies) {
    return { status: 200, body: { session: presentCurrent(caller, dependencies) } };
  },
});

/** Signs out: the session ends at once, also one that is bound to a relying party. */
export const signOut = route({
  method: 'delete',
  path: '/sessions/current',
  summary: 'Sign out',
  tag: 'Sessions',
  caller: 'any-session',
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
