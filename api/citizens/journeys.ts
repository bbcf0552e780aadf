import { z } from 'zod';
import type { ResponseRandomness } from '../../platform/response-randomness.ts';
import { tokenDigest } from '../../platform/secrets.ts';
import { type JourneyView, resendOtp, submitOtp } from '../../workflows/messages.ts';
import type { ApiDependencies } from '../http/dependencies.ts';
import { otp } from '../http/fields.ts';
import { tooMany } from '../http/problems.ts';
import { type Reply, route } from '../http/route.ts';
import { presentSession, type StoredSession } from '../identification/sessions.ts';
import { currentView, finishedBy, journeyEnded, otpRefused, rejectedAtStep } from './journey-replies.ts';
import { finishedView, journeyReply, presentFor, type StoredJourney } from './stored-journey.ts';

/** Reads a journey: its step while it is open, its outcome for a day after it is finished. */
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

/** Submits the SMS code of a journey. [clave], "User activation", 2. */
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
    // A repetition of the request that finished the journey gets the reply of that request.
    if (caller.finishedBy === messageId)
      return otpAccepted(caller, finishedView(caller), randomness, dependencies);
    if (caller.finishedAt) return journeyEnded(caller, finishedView(caller));
    const entered = dependencies.ring.fingerprints('otp-fingerprint', [caller.id, body.otp]);
    const result = await dependencies.citizens.update(
      submitOtp,
      {
        journeyId: caller.id,
        messageId,
        requestId,
        entered,
        ...(caller.kind === 'sign-in' && { session: sessionOf(randomness) }),
      },
      { citizenId: caller.citizenId, updateId: messageId },
    );
    if (result.rejected) {
      const finished = await finishedBy(messageId, caller, dependencies);
      return finished
        ? otpAccepted(finished, finishedView(finished), randomness, dependencies)
        : rejectedAtStep(result, caller, dependencies);
    }
    const { kind, journey } = result.outcome;
    return kind === 'accepted'
      ? otpAccepted(caller, journey, randomness, dependencies)
      : otpRefused(caller, journey);
  },
});

/** The session that a sign-in opens; derived, so that a repetition of the request returns the same token. */
const sessionOf = (randomness: ResponseRandomness) => ({
  sessionId: randomness.uuid('session'),
  tokenDigest: tokenDigest(randomness.token('session')),
});

/** The reply to the right code: the next step, the outcome, or 410 because the journey's authority is gone. */
async function otpAccepted(
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
  // A reset or a block ended the session as soon as it was opened.
  if (!opened) return journeyEnded(row, view);
  const session = { ...presentSession(opened as StoredSession), token: randomness.token('session') };
  return { status: 200, body: { journey: { ...journey, session } } };
}

/** Sends a further SMS code. The previous one becomes void; wrong attempts already counted stay counted. */
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
    const result = await dependencies.citizens.update(
      resendOtp,
      { journeyId: caller.id, messageId, requestId },
      { citizenId: caller.citizenId, updateId: messageId },
    );
    if (result.rejected) return rejectedAtStep(result, caller, dependencies);
    const { outcome } = result;
    return outcome.kind === 'too-many'
      ? tooMany(outcome.retryAtMs)
      : { status: 202, body: presentFor(caller, outcome.journey, 'pending') };
  },
});
