import { z } from 'zod';
import { canonicalEmail, sameEmail } from '../../domain/identity/email.ts';
import { tokenDigest } from '../../platform/secrets.ts';
import { audit } from '../../records/audit.ts';
import { submitActivationCode } from '../../workflows/messages.ts';
import { workflowErrors } from '../../workflows/workflow-errors.ts';
import { Unavailable } from '../citizens/citizen-client.ts';
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
import { decoyCitizenId } from '../identification/password-attempts.ts';

const body = () => z.strictObject({ nationalId, email, activationCode });
type Entry = z.infer<ReturnType<typeof body>>;

const shared = {
  method: 'post',
  tag: 'Journeys',
  caller: 'anyone',
  body,
  replies: { 201: startedJourneyReply },
  problems: ['activation-data-refused', 'activation-code-blocked'] as ProblemCode[],
  isStart: true,
  handle: enterActivationData,
} as const;

/** [clave], "User activation", 1. */
export const startActivation = route({
  ...shared,
  path: '/activations',
  summary: 'Activate with the activation code',
});

/** [clave], "Forgot Password": the same service; the citizen's state decides which of the two the journey is. */
export const startPasswordReset = route({
  ...shared,
  path: '/password-resets',
  summary: 'Set a forgotten or blocked password anew with the retained activation code',
});

async function enterActivationData(
  context: RequestContext<Entry, undefined>,
  dependencies: ApiDependencies,
): Promise<Reply> {
  const { body, randomness, requestId } = context;
  const citizen = await dependencies.db.prisma.citizen.findUnique({ where: { nationalId: body.nationalId } });
  // A wrong email never reaches the citizen: who knows only a national id blocks nobody's code.
  const isTheirs =
    citizen && !citizen.unsubscribedAt && citizen.phone && sameEmail(citizen.email, body.email);
  if (!isTheirs) return refuseStranger(context, dependencies);

  const journeyId = randomness.journeyId();
  const token = randomness.token('journey');
  if (context.mayBeRetry) {
    const begun = await findJourney(dependencies.db, { id: journeyId });
    if (begun?.finishedAt) return { status: 201, body: { ...presentFor(begun, finishedView(begun)), token } };
  }
  const reply = await dependencies.citizens.update(
    submitActivationCode,
    {
      ...{ journeyId, tokenDigest: tokenDigest(token), requestId },
      entered: dependencies.ring.fingerprints('activation-code', [citizen.id, body.activationCode]),
      policy: journeyPolicy(dependencies.policy),
    },
    { citizenId: citizen.id, updateId: randomness.uuid('update') },
  );
  if (reply.refused) return refusedAs(reply.type, reply.detail, citizen.id, context, dependencies);
  const { outcome } = reply;
  switch (outcome.kind) {
    case 'accepted':
      return {
        status: 201,
        body: {
          journey: presentJourney(outcome.journey, { phone: citizen.phone, delivery: 'pending' }),
          token,
        },
      };
    case 'wrong':
      return { problem: 'activation-data-refused' };
    case 'blocked':
      return { problem: 'activation-code-blocked' };
    case 'too-many':
      return tooMany(outcome.retryAtMs);
  }
}

/** What the workflow's validator said, before anything was counted. */
async function refusedAs(
  type: string,
  detail: unknown,
  citizenId: string,
  context: RequestContext<Entry, undefined>,
  dependencies: ApiDependencies,
): Promise<Reply> {
  const record = (reason: 'code-blocked' | 'texts-used-up') =>
    audit(
      dependencies.db.prisma,
      { type: 'activation-refused', reason },
      { id: context.randomness.uuid('refusal'), citizenId, requestId: context.requestId },
    );
  switch (type) {
    case workflowErrors.codeBlocked:
      await record('code-blocked');
      return { problem: 'activation-code-blocked' };
    case workflowErrors.tooMany:
      await record('texts-used-up');
      return tooMany(Number(detail));
    default:
      throw new Unavailable();
  }
}

/**
 * Data that match nobody: the same statuses in the same sequence as for a wrong code, in the turns of a citizen who has
 * these data, and the same dependencies asked, so that what is down refuses everybody alike ([ASVS] 6.3.8).
 */
async function refuseStranger(
  { body, randomness, requestId }: RequestContext<Entry, undefined>,
  dependencies: ApiDependencies,
): Promise<Reply> {
  const { nationalId, email } = body;
  // By id and email together: whoever knows a national id alone must not fill its owner's turns.
  const nobody = decoyCitizenId(dependencies.ring.mac('decoy', [nationalId, canonicalEmail(email)]));
  const isBlocked = await dependencies.citizens.enqueue(nobody, async () => {
    await dependencies.readiness.probeWorker();
    return dependencies.db.prisma.$transaction(async (tx) => {
      const stamp = { id: randomness.uuid('refusal'), requestId };
      // Counted once, though a process may have died of it and the request come again.
      const isNew = await audit(tx, { type: 'activation-refused', reason: 'unknown' }, stamp);
      return countDecoyAttempt(tx, dependencies, body, isNew ? 1 : 0);
    });
  });
  return { problem: isBlocked ? 'activation-code-blocked' : 'activation-data-refused' };
}
