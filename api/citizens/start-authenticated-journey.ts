import type { Authority } from '../../domain/journeys.ts';
import { tokenDigest } from '../../platform/secrets.ts';
import { audit } from '../../records/audit.ts';
import { type JourneyStart, startJourney } from '../../workflows/messages.ts';
import { workflowErrors } from '../../workflows/workflow-errors.ts';
import type { ApiDependencies } from '../http/dependencies.ts';
import { type ProblemCode, tooMany } from '../http/problems.ts';
import type { Reply, RequestContext } from '../http/route.ts';
import { Unavailable } from '../http/unavailable.ts';
import { journeyPolicy } from './journey-policy.ts';
import { findJourney, finishedView, presentFor, presentJourney } from './stored-journey.ts';

/** A journey that a citizen starts after the password was verified. */
export interface AuthenticatedJourneyStart {
  readonly citizenId: string;
  readonly kind: JourneyStart['kind'];
  readonly authority: Authority;
  readonly stagedPasswordId?: string;
  /** The problem to reply with if the password or session has ended since it was verified. */
  readonly ifSuperseded: ProblemCode;
}

/** Starts the journey: 201 with the journey and its token, 429, or `ifSuperseded`. @throws Unavailable */
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
    const row = await findJourney(db, { id: journeyId });
    if (row?.finishedAt) return { status: 201, body: { ...presentFor(row, finishedView(row)), token } };
  }
  // Read before the update: a read that failed after it would reply 503 to a journey that has started.
  const { phone } = await db.prisma.citizen.findUniqueOrThrow({
    where: { id: citizenId },
    select: { phone: true },
  });
  /** The password was right, as the trail must tell even if nothing begins with it. */
  const refuseTexts = async (retryAtMs: number): Promise<Reply> => {
    const event = { type: 'limit-reached', limit: 'texts', kind } as const;
    await audit(db.prisma, event, { id: requestId, citizenId, requestId });
    return tooMany(retryAtMs);
  };
  const result = await citizens.update(
    startJourney,
    {
      journeyId,
      tokenDigest: tokenDigest(token),
      requestId,
      kind,
      authority,
      policy: journeyPolicy(policy, kind),
      ...(stagedPasswordId && { stagedPasswordId }),
    },
    { citizenId, updateId: randomness.uuid('update') },
  );
  if (result.rejected) {
    if (result.type === workflowErrors.superseded) return { problem: ifSuperseded };
    if (result.type === workflowErrors.tooMany) return refuseTexts(Number(result.detail));
    throw new Unavailable();
  }
  if (result.outcome.kind === 'too-many') return refuseTexts(result.outcome.retryAtMs);
  const journey = presentJourney(result.outcome.journey, { phone, delivery: 'pending' });
  return { status: 201, body: { journey, token } };
}
