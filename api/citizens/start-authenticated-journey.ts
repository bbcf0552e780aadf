import { tokenDigest } from '../../platform/secrets.ts';
import { type Authority, type Beginning, beginVisit, refusals } from '../../workflows/messages.ts';
import type { Parts } from '../http/dependencies.ts';
import { type ProblemCode, tooMany } from '../http/problems.ts';
import type { Answer, Call } from '../http/route.ts';
import { Unavailable } from './citizen-client.ts';
import { visitPolicy } from './journey-policy.ts';
import { findJourney, finishedView, presentFor, presentJourney } from './stored-journey.ts';

/** A journey that a citizen who has given the password begins. */
export interface PasswordBeginning {
  readonly citizenId: string;
  readonly kind: Beginning['kind'];
  readonly authority: Authority;
  readonly stagedPasswordId?: string;
  /** What is answered when the password or session is no longer there by now. */
  readonly ifSuperseded: ProblemCode;
}

/** Begins it: 201 with the journey and its token, 429, or the refusal. @throws Unavailable */
export async function beginWithPassword(
  { seed, requestId, mayBeRepeated }: Pick<Call<unknown, unknown>, 'seed' | 'requestId' | 'mayBeRepeated'>,
  { citizenId, kind, authority, stagedPasswordId, ifSuperseded }: PasswordBeginning,
  { ask, db, policy }: Parts,
): Promise<Answer> {
  const visitId = seed.journeyId();
  const token = seed.token('journey');
  if (mayBeRepeated) {
    const begun = await findJourney(db, { id: visitId });
    if (begun?.finishedAt) return { status: 201, body: { ...presentFor(begun, finishedView(begun)), token } };
  }
  // Before anything is done: what is read afterwards may fail, and the answer would be 503 for what has happened.
  const { phone } = await db.prisma.citizen.findUniqueOrThrow({
    where: { id: citizenId },
    select: { phone: true },
  });
  const reply = await ask.update(
    beginVisit,
    {
      ...{ visitId, tokenDigest: tokenDigest(token), requestId, kind, authority },
      policy: visitPolicy(policy, kind),
      ...(stagedPasswordId && { stagedPasswordId }),
    },
    { citizenId, updateId: seed.uuid('update') },
  );
  if (reply.refused) {
    if (reply.type === refusals.superseded) return { problem: ifSuperseded };
    if (reply.type === refusals.tooMany) return tooMany(Number(reply.detail));
    throw new Unavailable();
  }
  if (reply.outcome.kind === 'too-many') return tooMany(reply.outcome.retryAtMs);
  const journey = presentJourney(reply.outcome.journey, { phone, delivery: 'pending' });
  return { status: 201, body: { journey, token } };
}
