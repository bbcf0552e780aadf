import { z } from 'zod';
import { normalisePassword } from '../../domain/permanente/password-rules.ts';
import { TooManyWaiting } from '../../platform/keyed-queue.ts';
import { tokenDigest } from '../../platform/secrets.ts';
import { audit } from '../../records/audit.ts';
import { beginWithPassword } from '../citizens/start-authenticated-journey.ts';
import { startedJourney } from '../citizens/stored-journey.ts';
import type { Parts } from '../http/dependencies.ts';
import { nationalId, password } from '../http/fields.ts';
import { tooMany } from '../http/problems.ts';
import { type Answer, type Call, route } from '../http/route.ts';
import { takePlace } from './failed-attempt-slots.ts';
import { idOfNobody, type LockedPassword, type Tried } from './password-attempts.ts';
import {
  assurances,
  type OpenSession,
  openedSession,
  openSession,
  presentSession,
  type SessionOpening,
} from './sessions.ts';

const body = () => z.strictObject({ nationalId, password, assurance: z.enum(assurances).default('basic') });
type SigningIn = Call<z.infer<ReturnType<typeof body>>, undefined>;

/** What a right password opens: a session, a code by SMS first, or nothing but its renewal. */
type Opened =
  | { kind: 'session'; session: OpenSession }
  | { kind: 'to-confirm' | 'expired'; password: LockedPassword };

/**
 * Signing in ([clave], [ENS] op.acc.5). With the password alone it is one question answered from PostgreSQL, without Temporal; a
 * reinforced one, and the renewal of an expired password, are journeys. Nothing is said of why one was refused
 * ([ENS] op.acc.5), and unknown citizens take the same path.
 */
export const signIn = route({
  method: 'post',
  path: '/sessions',
  summary: 'Sign in',
  tag: 'Sessions',
  caller: 'anyone',
  isStart: true,
  body,
  answers: { 201: z.union([z.object({ session: openedSession }), startedJourney]) },
  problems: ['sign-in-refused', 'password-expired'],
  async handle(call, parts) {
    const { db, ring, blockNews } = parts;
    const place = await takePlace(parts, call.address, call.body.nationalId);
    if (place.kind === 'none') {
      const { requestId } = call;
      await audit(db.prisma, { type: 'sign-in-refused', reason: 'address' }, { id: requestId, requestId });
      return tooMany(place.retryAtMs);
    }
    const { nationalId: id } = call.body;
    const citizenId = (await citizenIdOf(id, db)) ?? idOfNobody(ring.mac('decoy', [id]));
    const tried = await compare(call, { citizenId, place: place.key }, parts).catch(
      async (error: unknown) => {
        // Refused before anything was compared; after any other error it may have been.
        await (error instanceof TooManyWaiting ? place.giveBack() : place.keep().catch(() => {}));
        throw error;
      },
    );
    if (tried.kind === 'refused') {
      await place.keep();
      if (tried.blocked) void blockNews.look();
      return { problem: 'sign-in-refused' };
    }
    // A session has given it back as it was opened.
    if (tried.value.kind !== 'session') await place.giveBack();
    return answer(call, citizenId, tried.value, parts);
  },
});

const citizenIdOf = async (nationalId: string, { pool }: Parts['db']): Promise<string | undefined> => {
  const { rows } = await pool.query<{ id: string }>({
    name: 'citizen-of',
    text: 'SELECT id FROM "Citizen" WHERE "nationalId" = $1',
    values: [nationalId],
  });
  return rows[0]?.id;
};

const compare = (
  { body, seed, requestId }: SigningIn,
  { citizenId, place }: { citizenId: string; place: SessionOpening['place'] },
  parts: Parts,
): Promise<Tried<Opened>> =>
  parts.passwordTries.attempt(
    { citizenId, candidate: normalisePassword(body.password), tryId: seed.uuid('try'), requestId },
    async (tx, locked): Promise<Opened> => {
      if (locked.expiresAt.getTime() <= parts.clock.now()) return { kind: 'expired', password: locked };
      if (body.assurance === 'substantial') return { kind: 'to-confirm', password: locked };
      const id = seed.uuid('session');
      const digest = tokenDigest(seed.token('session'));
      const opening = { id, citizenId, tokenDigest: digest, password: locked, requestId, place };
      const session = await openSession(tx, opening, parts);
      return { kind: 'session', session };
    },
  );

async function answer(call: SigningIn, citizenId: string, opened: Opened, parts: Parts): Promise<Answer> {
  if (opened.kind === 'session')
    return {
      status: 201,
      body: { session: { ...presentSession(opened.session), token: call.seed.token('session') } },
    };
  const begun = await beginWithPassword(
    call,
    {
      citizenId,
      kind: opened.kind === 'expired' ? 'password-change' : 'sign-in',
      authority: { passwordId: opened.password.id },
      ifSuperseded: 'sign-in-refused',
    },
    parts,
  );
  if (opened.kind === 'to-confirm' || 'problem' in begun) return begun;
  return { problem: 'password-expired', extra: begun.body as Record<string, unknown> };
}
