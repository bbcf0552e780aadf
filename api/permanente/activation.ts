import { z } from 'zod';
import { canonicalEmail, sameEmail } from '../../domain/identity/email.ts';
import { tokenDigest } from '../../platform/secrets.ts';
import { audit } from '../../records/audit.ts';
import { refusals, submitActivationCode } from '../../workflows/messages.ts';
import { Unavailable } from '../citizens/citizen-client.ts';
import { countDecoy } from '../citizens/decoys.ts';
import { visitPolicy } from '../citizens/journey-policy.ts';
import {
  findJourney,
  finishedView,
  presentFor,
  presentJourney,
  startedJourney,
} from '../citizens/stored-journey.ts';
import type { Parts } from '../http/dependencies.ts';
import { activationCode, email, nationalId } from '../http/fields.ts';
import { type ProblemCode, tooMany } from '../http/problems.ts';
import { type Answer, type Call, route } from '../http/route.ts';
import { idOfNobody } from '../identification/password-attempts.ts';

const body = () => z.strictObject({ nationalId, email, activationCode });
type Entry = z.infer<ReturnType<typeof body>>;

const shared = {
  method: 'post',
  tag: 'Journeys',
  caller: 'anyone',
  body,
  answers: { 201: startedJourney },
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

async function enterActivationData(call: Call<Entry, undefined>, parts: Parts): Promise<Answer> {
  const { body, seed, requestId } = call;
  const citizen = await parts.db.prisma.citizen.findUnique({ where: { nationalId: body.nationalId } });
  // A wrong email never reaches the citizen: who knows only a national id blocks nobody's code.
  const isTheirs =
    citizen && !citizen.unsubscribedAt && citizen.phone && sameEmail(citizen.email, body.email);
  if (!isTheirs) return refuseStranger(call, parts);

  const visitId = seed.journeyId();
  const token = seed.token('journey');
  if (call.mayBeRepeated) {
    const begun = await findJourney(parts.db, { id: visitId });
    if (begun?.finishedAt) return { status: 201, body: { ...presentFor(begun, finishedView(begun)), token } };
  }
  const reply = await parts.ask.update(
    submitActivationCode,
    {
      ...{ visitId, tokenDigest: tokenDigest(token), requestId },
      entered: parts.ring.fingerprints('activation-code', [citizen.id, body.activationCode]),
      policy: visitPolicy(parts.policy),
    },
    { citizenId: citizen.id, updateId: seed.uuid('update') },
  );
  if (reply.refused) return refusedAs(reply.type, reply.detail, citizen.id, call, parts);
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
  call: Call<Entry, undefined>,
  parts: Parts,
): Promise<Answer> {
  const record = (reason: 'code-blocked' | 'texts-used-up') =>
    audit(
      parts.db.prisma,
      { type: 'activation-refused', reason },
      { id: call.seed.uuid('refusal'), citizenId, requestId: call.requestId },
    );
  switch (type) {
    case refusals.codeBlocked:
      await record('code-blocked');
      return { problem: 'activation-code-blocked' };
    case refusals.tooMany:
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
  { body, seed, requestId }: Call<Entry, undefined>,
  parts: Parts,
): Promise<Answer> {
  const { nationalId, email } = body;
  // By id and email together: whoever knows a national id alone must not fill its owner's turns.
  const nobody = idOfNobody(parts.ring.mac('decoy', [nationalId, canonicalEmail(email)]));
  const isBlocked = await parts.ask.inTurn(nobody, async () => {
    await parts.readiness.askWorker();
    return parts.db.prisma.$transaction(async (tx) => {
      const stamp = { id: seed.uuid('refusal'), requestId };
      // Counted once, though a process may have died of it and the request come again.
      const isNew = await audit(tx, { type: 'activation-refused', reason: 'unknown' }, stamp);
      return countDecoy(tx, parts, body, isNew ? 1 : 0);
    });
  });
  return { problem: isBlocked ? 'activation-code-blocked' : 'activation-data-refused' };
}
