import { z } from 'zod';
import { canonicalEmail, sameEmail } from '../../domain/identity/email.ts';
import { tokenDigest } from '../../platform/secrets.ts';
import { audit } from '../../records/audit.ts';
import { submitActivationCode } from '../../workflows/messages.ts';
import { workflowErrors, wrongCodeEntered, wrongWhileSuspended } from '../../workflows/workflow-errors.ts';
import type { UpdateResult } from '../citizens/citizen-client.ts';
import { decoyCitizenId } from '../citizens/decoy-citizen-id.ts';
import { countDecoyAttempt } from '../citizens/decoys.ts';
import { journeyPolicy } from '../citizens/journey-policy.ts';
import {
  findJourney,
  finishedView,
  presentFor,
  presentJourney,
  startedJourneyReply,
} from '../citizens/stored-journey.ts';
import type { ApiDependencies } from '../http/dependencies.ts';
import { activationCode, email, nationalId } from '../http/fields.ts';
import { type ProblemCode, tooMany } from '../http/problems.ts';
import { type Reply, type RequestContext, route } from '../http/route.ts';
import { Unavailable } from '../http/unavailable.ts';

const body = () => z.strictObject({ nationalId, email, activationCode });
type ActivationContext = RequestContext<z.infer<ReturnType<typeof body>>, undefined>;

const shared = {
  method: 'post',
  tag: 'Journeys',
  caller: 'anyone',
  body,
  replies: { 201: startedJourneyReply },
  problems: ['activation-data-refused', 'activation-code-blocked', 'phone-yielded'] as ProblemCode[],
  isStart: true,
  handle: enterActivationData,
} as const;

/** Starts an activation. [clave], "User activation", 1. */
export const startActivation = route({
  ...shared,
  path: '/activations',
  summary: 'Activate with the activation code',
});

/**
 * Starts a password reset ([clave], "Forgot Password"). The same operation as an activation: the citizen's state decides
 * which of the two journeys it starts.
 */
export const startPasswordReset = route({
  ...shared,
  path: '/password-resets',
  summary: 'Set a forgotten or blocked password anew with the retained activation code',
});

async function enterActivationData(
  context: ActivationContext,
  dependencies: ApiDependencies,
): Promise<Reply> {
  const { body, randomness, requestId } = context;
  const { citizens, db, policy, ring } = dependencies;
  const citizen = await db.prisma.citizen.findUnique({ where: { nationalId: body.nationalId } });
  // A wrong email does not reach the workflow: knowing a national id alone is not enough to block a code.
  const isMatch = citizen && !citizen.unsubscribedAt && sameEmail(citizen.email, body.email);
  if (!isMatch) return refuseAsStranger(context, { reason: 'unknown' }, dependencies);

  const journeyId = randomness.journeyId();
  const token = randomness.token('journey');
  if (context.mayBeRetry) {
    const row = await findJourney(db, { id: journeyId });
    if (row?.finishedAt) return { status: 201, body: { ...presentFor(row, finishedView(row)), token } };
  }
  const result = await citizens.update(
    submitActivationCode,
    {
      journeyId,
      tokenDigest: tokenDigest(token),
      requestId,
      entered: ring.fingerprints('activation-code', [citizen.id, body.activationCode]),
      isSuspended: citizen.suspendedAt !== null,
      isPhoneYielded: citizen.phone === null,
      // A reset has the limits of an activation: which of the two it becomes, the workflow decides.
      policy: journeyPolicy(policy, 'activation'),
    },
    { citizenId: citizen.id, updateId: randomness.uuid('update') },
  );
  if (result.rejected) return replyToRejection(result, citizen.id, context, dependencies);
  const { outcome } = result;
  switch (outcome.kind) {
    case 'accepted': {
      const journey = presentJourney(outcome.journey, { phone: citizen.phone, delivery: 'pending' });
      return { status: 201, body: { journey, token } };
    }
    case 'wrong':
      return { problem: 'activation-data-refused' };
    case 'blocked':
      return { problem: 'activation-code-blocked' };
    case 'too-many':
      return tooMany(outcome.retryAtMs);
  }
}

/** The reply to a rejection by the workflow's validator, which counts nothing. @throws Unavailable on any other rejection */
async function replyToRejection(
  { type, detail }: Extract<UpdateResult<unknown>, { rejected: true }>,
  citizenId: string,
  context: ActivationContext,
  dependencies: ApiDependencies,
): Promise<Reply> {
  const { randomness, requestId } = context;
  const { db } = dependencies;
  const auditRefusal = (reason: 'code-blocked' | 'phone-yielded' | 'texts-used-up') =>
    audit(
      db.prisma,
      { type: 'activation-refused', reason },
      { id: randomness.uuid('refusal'), citizenId, requestId },
    );
  switch (type) {
    case workflowErrors.codeBlocked:
      if (detail === wrongWhileSuspended)
        return refuseAsStranger(context, { reason: 'code-blocked', citizenId }, dependencies);
      await auditRefusal('code-blocked');
      return { problem: 'activation-code-blocked' };
    case workflowErrors.phoneYielded:
      if (detail === wrongCodeEntered)
        return refuseAsStranger(context, { reason: 'wrong-code', citizenId }, dependencies);
      await auditRefusal('phone-yielded');
      return { problem: 'phone-yielded' };
    case workflowErrors.tooMany:
      await auditRefusal('texts-used-up');
      return tooMany(Number(detail));
    default:
      throw new Unavailable();
  }
}

/**
 * Refuses data that match no citizen, or one who is suspended or whose phone has passed to another citizen, with the same statuses in the same sequence as wrong
 * codes of a citizen. It waits in the queue of a decoy citizen and calls the same dependencies, so that an outage refuses
 * everyone alike ([ASVS] 6.3.8). The audit trail keeps the true reason.
 */
async function refuseAsStranger(
  { body, randomness, requestId }: ActivationContext,
  { reason, citizenId }: { reason: 'unknown' | 'wrong-code' | 'code-blocked'; citizenId?: string },
  { citizens, db, policy, readiness, ring }: ApiDependencies,
): Promise<Reply> {
  const { nationalId, email } = body;
  // Keyed by id and email together: a flood on a national id alone must not fill the queue of that citizen.
  const decoyId = decoyCitizenId(ring.mac('decoy', [nationalId, canonicalEmail(email)]));
  const isBlocked = await citizens.enqueue(decoyId, async () => {
    await readiness.probeWorker();
    return db.prisma.$transaction(async (tx) => {
      const stamp = { id: randomness.uuid('refusal'), citizenId, requestId };
      // Counted once, even if a process died and the request was repeated: the audit row has the same id then.
      const isNew = await audit(tx, { type: 'activation-refused', reason }, stamp);
      return countDecoyAttempt(tx, { policy, ring }, body, isNew ? 1 : 0);
    });
  });
  return { problem: isBlocked ? 'activation-code-blocked' : 'activation-data-refused' };
}
