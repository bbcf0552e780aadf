import { z } from 'zod';
import type { ResponseRandomness } from '../../platform/response-randomness.ts';
import { audit } from '../../records/audit.ts';
import { type JourneyView, resendOtp, submitOtp } from '../../workflows/messages.ts';
import { workflowErrors } from '../../workflows/workflow-errors.ts';
import type { ApiDependencies } from '../http/dependencies.ts';
import { otp } from '../http/fields.ts';
import { tooMany } from '../http/problems.ts';
import { type Reply, route } from '../http/route.ts';
import { enterIdentificationOtp } from '../identification/enter-identification-otp.ts';
import { rulesOf, sessionOf } from '../identification/identification-kinds.ts';
import { identificationView } from '../identification/identification-rows.ts';
import { resendIdentificationOtp } from '../identification/resend-identification-otp.ts';
import { presentOpenedSession, type StoredSession } from '../identification/sessions.ts';
import type { UpdateResult } from './citizen-client.ts';
import { issueCode } from './issue-code.ts';
import {
  currentView,
  findIfFinishedBy,
  journeyEnded,
  otpRefused,
  rejectedAtStep,
} from './journey-replies.ts';
import { keepRegistrationReceipt } from './registration-receipt.ts';
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
    // A kind of a later release: the contract of this one has no name for it.
    if (caller.proof && !rulesOf(caller)) return { problem: 'not-found' };
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
      return replyToEntry(caller, finishedView(caller), randomness, dependencies);
    if (caller.finishedAt) return journeyEnded(caller, finishedView(caller));
    if (caller.proof)
      return enterOtpOfIdentification(caller, body.otp, { messageId, requestId, randomness }, dependencies);
    const entered = dependencies.ring.fingerprints('otp-fingerprint', [caller.id, body.otp]);
    const result = await dependencies.citizens.update(
      submitOtp,
      {
        ...{ journeyId: caller.id, messageId, requestId, entered },
        ...(caller.kind === 'registration' && {
          code: issueCode(dependencies, randomness, caller.citizenId).issue,
        }),
      },
      { citizenId: caller.citizenId, updateId: messageId },
    );
    if (result.rejected) {
      const finished = await findIfFinishedBy(messageId, caller, dependencies);
      if (finished) return replyToEntry(finished, finishedView(finished), randomness, dependencies);
      await auditUncompared(result, caller, { requestId }, dependencies);
      return rejectedAtStep(result, caller, dependencies);
    }
    const { kind, journey } = result.outcome;
    return kind === 'accepted'
      ? replyToEntry(caller, journey, randomness, dependencies)
      : otpRefused(caller, journey, 'wrong');
  },
});

/**
 * Audits an entry that the workflow did not compare. It costs its sender nothing, so it is audited once for each code and
 * reason, as that of an identification.
 */
async function auditUncompared(
  { type, detail }: Extract<UpdateResult<unknown>, { rejected: true }>,
  { id, citizenId }: StoredJourney,
  { requestId }: { requestId: string },
  { db, clock }: Pick<ApiDependencies, 'db' | 'clock'>,
): Promise<void> {
  const isLimit = type === workflowErrors.tooMany;
  if (!isLimit && type !== workflowErrors.otpExpired) return;
  const code = isLimit ? undefined : (detail as JourneyView).otp;
  const reason = isLimit ? 'limit' : (code?.expiresAtMs ?? 0) > clock.now() ? 'void' : 'expired';
  const event = { type: 'otp-refused', reason } as const;
  const stamp = { id: `${id}/${code?.expiresAtMs ?? ''}/${reason}`, citizenId, journeyId: id, requestId };
  await audit(db.prisma, event, stamp);
}

async function enterOtpOfIdentification(
  caller: StoredJourney,
  otp: string,
  {
    messageId,
    requestId,
    randomness,
  }: { messageId: string; requestId: string; randomness: ResponseRandomness },
  dependencies: ApiDependencies,
): Promise<Reply> {
  const rules = rulesOf(caller);
  if (!rules) return journeyEnded(caller, finishedView(caller));
  const entry = { id: caller.id, otp, messageId, requestId, randomness };
  const result = await enterIdentificationOtp(rules, entry, dependencies);
  if (result.kind === 'too-many') return tooMany(result.retryAtMs);
  const view = identificationView(result.row, rules, dependencies.policy, dependencies.clock.now());
  switch (result.kind) {
    case 'accepted':
      return sessionOpened(caller, view, result.opened, randomness, dependencies);
    case 'refused':
      return otpRefused(caller, view, result.isExpired ? 'expired' : 'wrong');
    case 'over':
      // Its own repetition has finished it meanwhile.
      return result.row.finishedBy === messageId
        ? replyToEntry(caller, view, randomness, dependencies)
        : journeyEnded(caller, view);
  }
}

/** The reply that ends a sign-in: the only one with the tokens of the session. */
function sessionOpened(
  row: StoredJourney,
  view: JourneyView,
  session: StoredSession,
  randomness: ResponseRandomness,
  dependencies: Pick<ApiDependencies, 'ring'>,
): Reply {
  const { journey } = presentFor(row, view);
  const opened = presentOpenedSession(session, randomness, dependencies);
  return { status: 200, body: { journey: { ...journey, session: opened } } };
}

/**
 * The reply to an entry that was decided, now or by an earlier attempt of the same request: the next step, the session, the activation code, the
 * refusal that ended the journey, or 410 because what it began with is no longer in force.
 */
async function replyToEntry(
  row: StoredJourney,
  view: JourneyView,
  randomness: ResponseRandomness,
  dependencies: ApiDependencies,
): Promise<Reply> {
  if (view.outcome === 'too-many-otps') return otpRefused(row, view, 'wrong');
  if (view.step === 'ended') return journeyEnded(row, view);
  const { journey } = presentFor(row, view);
  if (view.outcome === 'registered') {
    const { shown: activationCode } = issueCode(dependencies, randomness, row.citizenId);
    const receipt = await keepRegistrationReceipt(row, activationCode, dependencies);
    return { status: 200, body: { journey: { ...journey, activationCode, ...receipt } } };
  }
  if (view.outcome !== 'signed-in') return { status: 200, body: { journey } };
  const { sessionId } = sessionOf(randomness);
  const opened = await dependencies.db.prisma.session.findUnique({ where: { id: sessionId } });
  // A reset or a block ended the session as soon as it was opened.
  if (!opened) return journeyEnded(row, view);
  return sessionOpened(row, view, opened as StoredSession, randomness, dependencies);
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
    if (caller.proof) return resendOtpOfIdentification(caller, { messageId, requestId }, dependencies);
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

async function resendOtpOfIdentification(
  caller: StoredJourney,
  message: { messageId: string; requestId: string },
  dependencies: ApiDependencies,
): Promise<Reply> {
  const rules = rulesOf(caller);
  if (!rules) return journeyEnded(caller, finishedView(caller));
  const { id, phone } = caller;
  const result = await resendIdentificationOtp(rules, { id, phone, ...message }, dependencies);
  if (result.kind === 'too-many') return tooMany(result.retryAtMs);
  const { row } = result;
  const view = identificationView(row, rules, dependencies.policy, dependencies.clock.now());
  if (result.kind === 'over') return journeyEnded(caller, view);
  if (result.isNew) dependencies.otpSmsQueue.send(row);
  return { status: 202, body: presentFor(caller, view, 'pending') };
}
