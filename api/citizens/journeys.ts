import { z } from 'zod';
import { tokenDigest } from '../../platform/secrets.ts';
import type { Seed } from '../../platform/seed.ts';
import {
  type JourneyView,
  journey as journeyQuery,
  refusals,
  resendOtp,
  submitOtp,
} from '../../workflows/messages.ts';
import type { Parts } from '../http/dependencies.ts';
import { otp } from '../http/fields.ts';
import { tooMany } from '../http/problems.ts';
import { type Answer, route } from '../http/route.ts';
import { type OpenSession, presentSession } from '../identification/sessions.ts';
import { type Reply, Unavailable } from './citizen-client.ts';
import {
  findJourney,
  finishedView,
  journeyAnswer,
  presentFor,
  type StoredJourney,
} from './stored-journey.ts';

/** Where a journey is. Read from PostgreSQL once it is over, for a day. */
export const readJourney = route({
  method: 'get',
  path: '/journeys/:id',
  summary: 'Where a journey is',
  tag: 'Journeys',
  caller: 'journey',
  answers: { 200: journeyAnswer },
  problems: [],
  async handle({ caller }, parts) {
    return { status: 200, body: presentFor(caller, await currentView(caller, parts)) };
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
  answers: { 200: journeyAnswer },
  problems: ['step-not-expected', 'journey-ended', 'otp-refused'],
  async handle({ body, caller, seed, requestId }, parts) {
    const messageId = seed.uuid('message');
    // Repeated after the entry that finished it.
    if (caller.finishedBy === messageId) return taken(caller, finishedView(caller), seed, parts);
    if (caller.finishedAt) return journeyEnded(caller, finishedView(caller));
    const entered = parts.ring.fingerprints('otp-fingerprint', [caller.id, body.otp]);
    const reply = await parts.ask.update(
      submitOtp,
      {
        ...{ visitId: caller.id, messageId, requestId, entered },
        ...(caller.kind === 'sign-in' && { session: sessionOf(seed) }),
      },
      { citizenId: caller.citizenId, updateId: messageId },
    );
    if (reply.refused) {
      const finished = await finishedBy(messageId, caller, parts);
      return finished
        ? taken(finished, finishedView(finished), seed, parts)
        : refusedAtStep(reply, caller, parts);
    }
    const { kind, journey } = reply.outcome;
    return kind === 'accepted' ? taken(caller, journey, seed, parts) : otpRefused(caller, journey);
  },
});

/** The session that a sign-in opens: from the answer's seed, so that a repetition tells the same token. */
const sessionOf = (seed: Seed) => ({
  sessionId: seed.uuid('session'),
  tokenDigest: tokenDigest(seed.token('session')),
});

/** What a right entry led to: the next step, the end, or the end because what the journey rested on had gone. */
async function taken(row: StoredJourney, view: JourneyView, seed: Seed, { db }: Parts): Promise<Answer> {
  if (view.outcome === 'too-many-otps') return otpRefused(row, view);
  if (view.step === 'ended') return journeyEnded(row, view);
  const { journey } = presentFor(row, view);
  if (view.outcome !== 'signed-in') return { status: 200, body: { journey } };
  const opened = await db.prisma.session.findUnique({ where: { id: sessionOf(seed).sessionId } });
  // Opened and ended again in the same moment, by a reset or a block.
  if (!opened) return journeyEnded(row, view);
  const session = { ...presentSession(opened as OpenSession), token: seed.token('session') };
  return { status: 200, body: { journey: { ...journey, session } } };
}

/** A further code: the one before is void, the guesses already used stay used. */
export const resend = route({
  method: 'post',
  path: '/journeys/:id/otp/resend',
  summary: 'Have another code sent',
  tag: 'Journeys',
  caller: 'journey',
  answers: { 202: journeyAnswer },
  problems: ['step-not-expected', 'journey-ended'],
  async handle({ caller, seed, requestId }, parts) {
    if (caller.finishedAt) return journeyEnded(caller, finishedView(caller));
    const messageId = seed.uuid('message');
    const reply = await parts.ask.update(
      resendOtp,
      { visitId: caller.id, messageId, requestId },
      { citizenId: caller.citizenId, updateId: messageId },
    );
    if (reply.refused) return refusedAtStep(reply, caller, parts);
    const { outcome } = reply;
    return outcome.kind === 'too-many'
      ? tooMany(outcome.retryAtMs)
      : { status: 202, body: presentFor(caller, outcome.journey, 'pending') };
  },
});

/** The workflow's view of a journey that may be under way. @throws Unavailable */
export async function currentView(row: StoredJourney, { ask, db }: Parts): Promise<JourneyView> {
  if (row.finishedAt) return finishedView(row);
  const view = await ask.query(journeyQuery, row.citizenId, row.id);
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
  { db }: Pick<Parts, 'db'>,
): Promise<StoredJourney | undefined> {
  const row = await findJourney(db, { id });
  return row?.finishedBy === messageId ? row : undefined;
}

/** What a validator's refusal means at a step of a journey. @throws Unavailable */
export async function refusedAtStep(
  reply: Extract<Reply<unknown>, { refused: true }>,
  row: StoredJourney,
  parts: Parts,
): Promise<Answer> {
  switch (reply.type) {
    case refusals.wrongStep:
      return { problem: 'step-not-expected', extra: presentFor(row, reply.detail as JourneyView) };
    case refusals.journeyOver:
      return journeyEnded(row, reply.detail as JourneyView);
    case refusals.noSuchVisit:
      return journeyEnded(row, await currentView(row, parts));
    case refusals.otpExpired:
      return otpRefused(row, reply.detail as JourneyView);
    case refusals.tooMany:
      return tooMany(Number(reply.detail));
    default:
      throw new Unavailable();
  }
}

/** The journey is done or ended. */
export const journeyEnded = (row: StoredJourney, view: JourneyView): Answer => ({
  problem: 'journey-ended',
  extra: presentFor(row, view),
});

const otpRefused = (row: StoredJourney, view: JourneyView): Answer => ({
  problem: 'otp-refused',
  extra: presentFor(row, view),
});
