import { z } from 'zod';
import { assuranceOf, reaches } from '../../domain/assurance.ts';
import { normalisePassword } from '../../domain/permanente/password-rules.ts';
import { QueueFull } from '../../platform/keyed-queue.ts';
import { tokenDigest } from '../../platform/secrets.ts';
import { audit, auditStatement } from '../../records/audit.ts';
import { isRegistered } from '../../records/relying-parties.ts';
import { startAuthenticatedJourney } from '../citizens/start-authenticated-journey.ts';
import { presentJourney, startedJourneyReply } from '../citizens/stored-journey.ts';
import type { ApiDependencies } from '../http/dependencies.ts';
import { browser, nationalId, password, relyingPartyId } from '../http/fields.ts';
import { tooMany } from '../http/problems.ts';
import { type Reply, type RequestContext, route } from '../http/route.ts';
import { markFailed, releaseSlot, type Slot } from './failed-attempt-slots.ts';
import { identificationKinds } from './identification-kinds.ts';
import { identificationView } from './identification-rows.ts';
import { isKnownBrowser } from './known-browser.ts';
import { type OpenedIdentification, openIdentification } from './open-identification.ts';
import type { AttemptOutcome, LockedPassword } from './password-attempts.ts';
import { type PreparedSignIn, prepareSignIn } from './prepare-sign-in.ts';
import {
  openedSessionSchema,
  openPasswordSession,
  presentOpenedSession,
  type StoredSession,
} from './sessions.ts';

/** Assurance that signing in with the password, and an SMS code where it is not enough, can lead to. */
const askable = ['basic', 'substantial'] as const;
const body = () =>
  z.strictObject({
    nationalId,
    password,
    assurance: z.enum(askable).default('basic'),
    browser: browser.optional(),
    relyingParty: relyingPartyId.optional().meta({
      description:
        'The session, or the sign-in with an SMS code, is bound to this relying party: it identifies to it, once, and opens nothing else. With the key of the gateway only.',
    }),
  });
type SignInContext = RequestContext<z.infer<ReturnType<typeof body>>, undefined, PreparedSignIn>;

/**
 * The result of the right password: a session, an identification that asks for an SMS code, the renewal of the password, or
 * a refusal, if the level of the registration does not allow the assurance that was asked for.
 */
type SignedIn =
  | { kind: 'session'; session: StoredSession }
  | { kind: 'identification'; opened: OpenedIdentification; token: string }
  | { kind: 'password-expired'; password: LockedPassword }
  | { kind: 'level-too-low' };

/**
 * Signs a citizen in ([clave]), without Temporal. With the password alone it is one transaction of PostgreSQL; with an SMS
 * code, an identification. The renewal of an expired password is a journey of the workflow. A refusal gives no reason
 * ([ENS] op.acc.5), and an unknown national id takes the same path as a known one.
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
  problems: ['sign-in-refused', 'password-expired', 'unknown-relying-party'],
  gatewayOnly: ({ relyingParty }) => relyingParty !== undefined,
  prepare: prepareSignIn,
  async handle(context, dependencies) {
    const { db, passwordBlockOutbox } = dependencies;
    const { citizenId, slot: reserved } = context.prepared;
    const slot = 'noneUntilMs' in reserved ? undefined : reserved;
    // Without a slot a known browser goes on: its failures are counted by the password alone (docs/adr/0044).
    if ('noneUntilMs' in reserved && !(await isKnownBrowser(context.body.browser, citizenId, dependencies))) {
      const { requestId } = context;
      await audit(db.prisma, { type: 'sign-in-refused', reason: 'address' }, { id: requestId, requestId });
      return tooMany(reserved.noneUntilMs);
    }
    const { relyingParty } = context.body;
    if (relyingParty !== undefined && !(await isRegistered(db, relyingParty))) {
      if (slot) await releaseSlot(db, slot);
      return { problem: 'unknown-relying-party' };
    }
    const attempt = await attemptSignIn(context, { citizenId, slot }, dependencies).catch(
      async (error: unknown) => {
        // A full queue refuses before the comparison; after any other error the password may have been compared.
        if (slot)
          await (error instanceof QueueFull ? releaseSlot(db, slot) : markFailed(db, slot).catch(() => {}));
        throw error;
      },
    );
    if (attempt.kind === 'refused') {
      if (attempt.blocked) void passwordBlockOutbox.flush();
      return { problem: 'sign-in-refused' };
    }
    // `openPasswordSession` has released the slot in its transaction. What is committed is answered, also if this fails:
    // then the slot stays occupied for the limit's period.
    if (slot && attempt.value.kind !== 'session') void releaseSlot(db, slot).catch(() => {});
    return replyTo(context, citizenId, attempt.value, dependencies);
  },
});

const attemptSignIn = (
  { body, randomness, requestId }: SignInContext,
  { citizenId, slot }: { citizenId: string; slot: Slot | undefined },
  dependencies: ApiDependencies,
): Promise<AttemptOutcome<SignedIn>> =>
  dependencies.passwordAttempts.attempt(
    {
      citizenId,
      candidate: normalisePassword(body.password),
      attemptId: randomness.uuid('try'),
      requestId,
      ...(slot && { slot }),
    },
    async (tx, locked): Promise<SignedIn> => {
      const relyingPartyId = body.relyingParty ?? null;
      if (locked.expiresAt.getTime() <= dependencies.clock.now())
        return { kind: 'password-expired', password: locked };
      if (!reaches(assuranceOf('password', locked.registrationLevel), body.assurance)) {
        if (!reaches(assuranceOf('password-sms', locked.registrationLevel), body.assurance)) {
          const event = { type: 'sign-in-refused', reason: 'level' } as const;
          await tx.commitWith(auditStatement(event, { id: requestId, citizenId, requestId }));
          return { kind: 'level-too-low' };
        }
        const token = randomness.token('journey');
        const opening = {
          id: randomness.journeyId(),
          citizenId,
          kind: 'sign-in',
          passwordId: locked.id,
          tokenDigest: tokenDigest(token),
          requestId,
          relyingPartyId,
        } as const;
        return {
          kind: 'identification',
          opened: await openIdentification(tx, identificationKinds[opening.kind], opening, dependencies),
          token,
        };
      }
      const id = randomness.uuid('session');
      const digest = tokenDigest(randomness.token('session'));
      const newSession = {
        ...{ id, citizenId, tokenDigest: digest, password: locked },
        ...{ requestId, relyingPartyId, slot },
      };
      const session = await openPasswordSession(tx, newSession, dependencies);
      return { kind: 'session', session };
    },
  );

async function replyTo(
  context: SignInContext,
  citizenId: string,
  signedIn: SignedIn,
  dependencies: ApiDependencies,
): Promise<Reply> {
  if (signedIn.kind === 'session') {
    const session = presentOpenedSession(signedIn.session, context.randomness, dependencies);
    return { status: 201, body: { session } };
  }
  if (signedIn.kind === 'level-too-low') return { problem: 'sign-in-refused' };
  if (signedIn.kind === 'identification') return identificationReply(signedIn, dependencies);
  const reply = await startAuthenticatedJourney(
    context,
    {
      citizenId,
      kind: 'password-change',
      authority: { basis: 'password', credentialId: signedIn.password.id },
      ifSuperseded: 'sign-in-refused',
    },
    dependencies,
  );
  if ('problem' in reply) return reply;
  return { problem: 'password-expired', extra: reply.body as Record<string, unknown> };
}

/** Hands the SMS to this process' queue: its row is committed, and nothing after that may fail the request. */
function identificationReply(
  { opened, token }: Extract<SignedIn, { kind: 'identification' }>,
  { otpSmsQueue, policy, clock }: ApiDependencies,
): Reply {
  if (opened.kind === 'too-many') return tooMany(opened.retryAtMs);
  const { row, phone, isNew } = opened;
  if (isNew) otpSmsQueue.send(row);
  const view = identificationView(row, identificationKinds[row.kind], policy, clock.now());
  return { status: 201, body: { journey: presentJourney(view, { phone, delivery: 'pending' }), token } };
}
