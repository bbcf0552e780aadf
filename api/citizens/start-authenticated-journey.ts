import type { Authority } from '../../domain/journeys.ts';
import { tokenDigest } from '../../platform/secrets.ts';
import { type JourneyStart, startJourney } from '../../workflows/messages.ts';
import { workflowErrors } from '../../workflows/workflow-errors.ts';
import type { ApiDependencies } from '../http/dependencies.ts';
import { type ProblemCode, tooMany } from '../http/problems.ts';
import type { Reply, RequestContext } from '../http/route.ts';
import { Unavailable } from './citizen-client.ts';
import { journeyPolicy } from './journey-policy.ts';
import { findJourney, finishedView, presentFor, presentJourney } from './stored-journey.ts';

/** A journey that a citizen who has given the password begins. */
export interface AuthenticatedJourneyStart {
  readonly citizenId: string;
  readonly kind: JourneyStart['kind'];
  readonly authority: Authority;
  readonly stagedPasswordId?: string;
  /** What is answered when the password or session is no longer there by now. */
  readonly ifSuperseded: ProblemCode;
}

/** Begins it: 201 with the journey and its token, 429, or the refusal. @throws Unavailable */
export async function startAuthenticatedJourney(
  {
    randomness,
    requestId,
    mayBeRetry,
  }: Pick<RequestContext<unknown, unknown>, 'randomness' | 'requestId' | 'mayBeRetry'>,
  { citizenId, kind, authority, stagedPasswordId, ifSuperseded }: AuthenticatedJourneyStart,
  { citizens, db, policy }: ApiDependencies,
): Promise<Reply> {
  const journeyId = randomness.journeyId();
  const token = randomness.token('journey');
  if (mayBeRetry) {
    const begun = await findJourney(db, { id: journeyId });
    if (begun?.finishedAt) return { status: 201, body: { ...presentFor(begun, finishedView(begun)), token } };
  }
  // Before anything is done: what is read afterwards may fail, and the answer would be 503 for what has happened.
  const { phone } = await db.prisma.citizen.findUniqueOrThrow({
    where: { id: citizenId },
    select: { phone: true },
  });
  const reply = await citizens.update(
    startJourney,
    {
      ...{ journeyId, tokenDigest: tokenDigest(token), requestId, kind, authority },
      policy: journeyPolicy(policy, kind),
      ...(stagedPasswordId && { stagedPasswordId }),
    },
    { citizenId, updateId: randomness.uuid('update') },
  );
  if (reply.refused) {
    if (reply.type === workflowErrors.superseded) return { problem: ifSuperseded };
    if (reply.type === workflowErrors.tooMany) return tooMany(Number(reply.detail));
    throw new Unavailable();
  }
  if (reply.outcome.kind === 'too-many') return tooMany(reply.outcome.retryAtMs);
  const journey = presentJourney(reply.outcome.journey, { phone, delivery: 'pending' });
  return { status: 201, body: { journey, token } };
}
