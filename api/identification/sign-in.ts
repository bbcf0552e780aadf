import { z } from 'zod';
import { normalisePassword } from '../../domain/permanente/password-rules.ts';
import { QueueFull } from '../../platform/keyed-queue.ts';
import { tokenDigest } from '../../platform/secrets.ts';
import { audit } from '../../records/audit.ts';
import { startAuthenticatedJourney } from '../citizens/start-authenticated-journey.ts';
import { startedJourneyReply } from '../citizens/stored-journey.ts';
import type { ApiDependencies } from '../http/dependencies.ts';
import { nationalId, password } from '../http/fields.ts';
import { tooMany } from '../http/problems.ts';
import { type Reply, type RequestContext, route } from '../http/route.ts';
import { reserveSlot } from './failed-attempt-slots.ts';
import { type AttemptOutcome, decoyCitizenId, type LockedPassword } from './password-attempts.ts';
import {
  assurances,
  type NewSession,
  type OpenSession,
  openedSessionSchema,
  openSession,
  presentSession,
} from './sessions.ts';

const body = () => z.strictObject({ nationalId, password, assurance: z.enum(assurances).default('basic') });
type SigningIn = RequestContext<z.infer<ReturnType<typeof body>>, undefined>;

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
  replies: { 201: z.union([z.object({ session: openedSessionSchema }), startedJourneyReply]) },
  problems: ['sign-in-refused', 'password-expired'],
  async handle(context, dependencies) {
    const { db, ring, passwordBlockOutbox } = dependencies;
    const slot = await reserveSlot(dependencies, context.address, context.body.nationalId);
    if (slot.kind === 'none') {
      const { requestId } = context;
      await audit(db.prisma, { type: 'sign-in-refused', reason: 'address' }, { id: requestId, requestId });
      return tooMany(slot.retryAtMs);
    }
    const { nationalId: id } = context.body;
    const citizenId = (await citizenIdOf(id, db)) ?? decoyCitizenId(ring.mac('decoy', [id]));
    const tried = await compare(context, { citizenId, slot: slot.key }, dependencies).catch(
      async (error: unknown) => {
        // Refused before anything was compared; after any other error it may have been.
        await (error instanceof QueueFull ? slot.giveBack() : slot.keep().catch(() => {}));
        throw error;
      },
    );
    if (tried.kind === 'refused') {
      await slot.keep();
      if (tried.blocked) void passwordBlockOutbox.flush();
      return { problem: 'sign-in-refused' };
    }
    // A session has given it back as it was opened.
    if (tried.value.kind !== 'session') await slot.giveBack();
    return answer(context, citizenId, tried.value, dependencies);
  },
});

const citizenIdOf = async (
  nationalId: string,
  { pool }: ApiDependencies['db'],
): Promise<string | undefined> => {
  const { rows } = await pool.query<{ id: string }>({
    name: 'citizen-of',
    text: 'SELECT id FROM "Citizen" WHERE "nationalId" = $1',
    values: [nationalId],
  });
  return rows[0]?.id;
};

const compare = (
  { body, randomness, requestId }: SigningIn,
  { citizenId, slot }: { citizenId: string; slot: NewSession['slot'] },
  dependencies: ApiDependencies,
): Promise<AttemptOutcome<Opened>> =>
  dependencies.passwordAttempts.attempt(
    { citizenId, candidate: normalisePassword(body.password), attemptId: randomness.uuid('try'), requestId },
    async (tx, locked): Promise<Opened> => {
      if (locked.expiresAt.getTime() <= dependencies.clock.now())
        return { kind: 'expired', password: locked };
      if (body.assurance === 'substantial') return { kind: 'to-confirm', password: locked };
      const id = randomness.uuid('session');
      const digest = tokenDigest(randomness.token('session'));
      const opening = { id, citizenId, tokenDigest: digest, password: locked, requestId, slot };
      const session = await openSession(tx, opening, dependencies);
      return { kind: 'session', session };
    },
  );

async function answer(
  context: SigningIn,
  citizenId: string,
  opened: Opened,
  dependencies: ApiDependencies,
): Promise<Reply> {
  if (opened.kind === 'session')
    return {
      status: 201,
      body: { session: { ...presentSession(opened.session), token: context.randomness.token('session') } },
    };
  const begun = await startAuthenticatedJourney(
    context,
    {
      citizenId,
      kind: opened.kind === 'expired' ? 'password-change' : 'sign-in',
      authority: { passwordId: opened.password.id },
      ifSuperseded: 'sign-in-refused',
    },
    dependencies,
  );
  if (opened.kind === 'to-confirm' || 'problem' in begun) return begun;
  return { problem: 'password-expired', extra: begun.body as Record<string, unknown> };
}
