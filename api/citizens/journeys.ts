import { z } from 'zod';
import type { ResponseRandomness } from '../../platform/response-randomness.ts';
import { tokenDigest } from '../../platform/secrets.ts';
import { type JourneyView, journeyView, resendOtp, submitOtp } from '../../workflows/messages.ts';
import { workflowErrors } from '../../workflows/workflow-errors.ts';
import type { ApiDependencies } from '../http/dependencies.ts';
import { otp } from '../http/fields.ts';
import { tooMany } from '../http/problems.ts';
import { type Reply, route } from '../http/route.ts';
import { type OpenSession, presentSession } from '../identification/sessions.ts';
import { Unavailable, type UpdateResult } from './citizen-client.ts';
import { findJourney, finishedView, journeyReply, presentFor, type StoredJourney } from './stored-journey.ts';

/** Where a journey is. Read from PostgreSQL once it is over, for a day. */
export const readJourney = route({
  method: 'get',
  path: '/journeys/:id',
  summary: 'Where a journey is',
  tag: 'Journeys',
  caller: 'journey',
  replies: { 200: journeyReply },
  problems: [],
  async handle({ caller }, dependencies) {
    return { status: 200, body: presentFor(caller, await currentView(caller, dependencies)) };
  },
});

/** [clave], "User activation", 2. */
export const enterOtp = route({
  method: 'post',
  path: '/journeys/:id/otp',
  summary: 'Enter the code that came by SMS',
  tag: 'Journeys',
  caller: 'journey',
  body: () => z.strictObject({ otp }),
  replies: { 200: journeyReply },
  problems: ['step-not-expected', 'journey-ended', 'otp-refused'],
  async handle({ body, caller, randomness, requestId }, dependencies) {
    const messageId = randomness.uuid('message');
    // Repeated after the entry that finished it.
    if (caller.finishedBy === messageId) return taken(caller, finishedView(caller), randomness, dependencies);
    if (caller.finishedAt) return journeyEnded(caller, finishedView(caller));
    const entered = dependencies.ring.fingerprints('otp-fingerprint', [caller.id, body.otp]);
    const reply = await dependencies.citizens.update(
      submitOtp,
      {
        ...{ journeyId: caller.id, messageId, requestId, entered },
        ...(caller.kind === 'sign-in' && { session: sessionOf(randomness) }),
      },
      { citizenId: caller.citizenId, updateId: messageId },
    );
    if (reply.refused) {
      const finished = await finishedBy(messageId, caller, dependencies);
      return finished
        ? taken(finished, finishedView(finished), randomness, dependencies)
        : refusedAtStep(reply, caller, dependencies);
    }
    const { kind, journey } = reply.outcome;
    return kind === 'accepted'
      ? taken(caller, journey, randomness, dependencies)
      : otpRefused(caller, journey);
  },
});

/** The session that a sign-in opens: from the answer's seed, so that a repetition tells the same token. */
const sessionOf = (randomness: ResponseRandomness) => ({
  sessionId: randomness.uuid('session'),
  tokenDigest: tokenDigest(randomness.token('session')),
});

/** What a right entry led to: the next step, the end, or the end because what the journey rested on had gone. */
async function taken(
  row: StoredJourney,
  view: JourneyView,
  randomness: ResponseRandomness,
  { db }: ApiDependencies,
): Promise<Reply> {
  if (view.outcome === 'too-many-otps') return otpRefused(row, view);
  if (view.step === 'ended') return journeyEnded(row, view);
  const { journey } = presentFor(row, view);
  if (view.outcome !== 'signed-in') return { status: 200, body: { journey } };
  const opened = await db.prisma.session.findUnique({ where: { id: sessionOf(randomness).sessionId } });
  // Opened and ended again in the same moment, by a reset or a block.
  if (!opened) return journeyEnded(row, view);
  const session = { ...presentSession(opened as OpenSession), token: randomness.token('session') };
  return { status: 200, body: { journey: { ...journey, session } } };
}

/** A further code: the one before is void, the guesses already used stay used. */
export const resend = route({
  method: 'post',
  path: '/journeys/:id/otp/resend',
  summary: 'Have another code sent',
  tag: 'Journeys',
  caller: 'journey',
  replies: { 202: journeyReply },
  problems: ['step-not-expected', 'journey-ended'],
  async handle({ caller, randomness, requestId }, dependencies) {
    if (caller.finishedAt) return journeyEnded(caller, finishedView(caller));
    const messageId = randomness.uuid('message');
    const reply = await dependencies.citizens.update(
      resendOtp,
      { journeyId: caller.id, messageId, requestId },
      { citizenId: caller.citizenId, updateId: messageId },
    );
    if (reply.refused) return refusedAtStep(reply, caller, dependencies);
    const { outcome } = reply;
    return outcome.kind === 'too-many'
      ? tooMany(outcome.retryAtMs)
      : { status: 202, body: presentFor(caller, outcome.journey, 'pending') };
  },
});

/** The workflow's view of a journey that may be under way. @throws Unavailable */
export async function currentView(
  row: StoredJourney,
  { citizens, db }: ApiDependencies,
): Promise<JourneyView> {
  if (row.finishedAt) return finishedView(row);
  const view = await citizens.query(journeyView, row.citizenId, row.id);
  if (view) return view;
  // Over between the two readings; or about to be written as over.
  const again = await findJourney(db, { id: row.id });
  return finishedView(again ?? row);
}

/**
 * The journey's row, if this very message has finished it. Where Temporal's answer is lost, the SDK sends the message
 * again; by then another run may be the citizen's, which knows neither the visit nor the message.
 */
export async function finishedBy(
  messageId: string,
  { id }: StoredJourney,
  { db }: Pick<ApiDependencies, 'db'>,
): Promise<StoredJourney | undefined> {
  const row = await findJourney(db, { id });
  return row?.finishedBy === messageId ? row : undefined;
}

/** What a validator's refusal means at a step of a journey. @throws Unavailable */
export async function refusedAtStep(
  reply: Extract<UpdateResult<unknown>, { refused: true }>,
  row: StoredJourney,
  dependencies: ApiDependencies,
): Promise<Reply> {
  switch (reply.type) {
    case workflowErrors.wrongStep:
      return { problem: 'step-not-expected', extra: presentFor(row, reply.detail as JourneyView) };
    case workflowErrors.journeyOver:
      return journeyEnded(row, reply.detail as JourneyView);
    case workflowErrors.noSuchJourney:
      return journeyEnded(row, await currentView(row, dependencies));
    case workflowErrors.otpExpired:
      return otpRefused(row, reply.detail as JourneyView);
    case workflowErrors.tooMany:
      return tooMany(Number(reply.detail));
    default:
      throw new Unavailable();
  }
}

/** The journey is done or ended. */
export const journeyEnded = (row: StoredJourney, view: JourneyView): Reply => ({
  problem: 'journey-ended',
  extra: presentFor(row, view),
});

const otpRefused = (row: StoredJourney, view: JourneyView): Reply => ({
  problem: 'otp-refused',
  extra: presentFor(row, view),
});
