import { z } from 'zod';
import { isCommonPassword } from '../../domain/permanente/common-passwords.ts';
import type { PasswordOwner } from '../../domain/permanente/password-owner.ts';
import {
  checkPassword,
  type NormalPassword,
  normalisePassword,
  type PasswordRuleCode,
} from '../../domain/permanente/password-rules.ts';
import { type JourneyView, setPassword } from '../../workflows/messages.ts';
import { currentView, findIfFinishedBy, journeyEnded, rejectedAtStep } from '../citizens/journey-replies.ts';
import { finishedView, journeyReply, presentFor, type StoredJourney } from '../citizens/stored-journey.ts';
import type { ApiDependencies } from '../http/dependencies.ts';
import { password } from '../http/fields.ts';
import { type Reply, route } from '../http/route.ts';

/**
 * Sets the new password of a journey ([clave], "User activation", 3). The password is checked, hashed and staged in this
 * file; the workflow gets only the id of the staged row. It is hashed only once the journey is known to be at this step.
 */
export const choosePassword = route({
  method: 'post',
  path: '/journeys/:id/password',
  summary: 'Set the new password',
  tag: 'Journeys',
  caller: 'journey',
  body: () => z.strictObject({ password }),
  replies: { 200: journeyReply },
  problems: ['step-not-expected', 'journey-ended', 'password-refused'],
  async handle({ body, caller, randomness, requestId }, dependencies) {
    const messageId = randomness.uuid('message');
    if (caller.finishedBy === messageId) return passwordAccepted(caller, finishedView(caller));
    const view = await currentView(caller, dependencies);
    if (view.outcome) return journeyEnded(caller, view);
    if (view.step !== 'password') return { problem: 'step-not-expected', extra: presentFor(caller, view) };

    const candidate = normalisePassword(body.password);
    const { citizenId } = caller;
    const owner = await dependencies.db.prisma.citizen.findUniqueOrThrow({ where: { id: citizenId } });
    const broken = await brokenRules(candidate, owner, dependencies, () =>
      isPasswordOf(citizenId, candidate, dependencies),
    );
    if (broken.length > 0)
      return { problem: 'password-refused', extra: { errors: broken.map((code) => ({ code })) } };
    const stagedPasswordId = randomness.uuid('password');
    await stagePassword(dependencies, { id: stagedPasswordId, citizenId, journeyId: caller.id }, candidate);
    const result = await dependencies.citizens.update(
      setPassword,
      { journeyId: caller.id, messageId, requestId, stagedPasswordId },
      { citizenId, updateId: messageId },
    );
    if (!result.rejected) return passwordAccepted(caller, result.outcome.journey);
    const finished = await findIfFinishedBy(messageId, caller, dependencies);
    return finished
      ? passwordAccepted(finished, finishedView(finished))
      : rejectedAtStep(result, caller, dependencies);
  },
});

/** The reply to an accepted password: it is in force, or 410 because the journey's authority is gone. */
const passwordAccepted = (row: StoredJourney, view: JourneyView): Reply =>
  view.step === 'ended' ? journeyEnded(row, view) : { status: 200, body: presentFor(row, view) };

/** The rules that a candidate breaks. `isInForce` (is it the current password?) may hash, so it is called only if no other rule is broken. */
export async function brokenRules(
  candidate: NormalPassword,
  owner: PasswordOwner,
  { policy }: Pick<ApiDependencies, 'policy'>,
  isInForce: () => Promise<boolean>,
): Promise<PasswordRuleCode[]> {
  const broken = checkPassword(candidate, owner, policy.password);
  if (isCommonPassword(candidate)) broken.push('too-common');
  if (broken.length > 0) return broken;
  return (await isInForce()) ? ['same-as-previous'] : [];
}

/** Whether a candidate is the password in force. Hashes. */
export async function isPasswordOf(
  citizenId: string,
  candidate: NormalPassword,
  { db, hasher }: ApiDependencies,
): Promise<boolean> {
  const current = await db.prisma.password.findUnique({ where: { citizenId } });
  return current !== null && hasher.matches(candidate, current);
}

/** Hashes a password that meets the rules and stages it, for the workflow's activity to read by its id. */
export async function stagePassword(
  { db, hasher }: Pick<ApiDependencies, 'db' | 'hasher'>,
  where: { id: string; citizenId: string; journeyId: string },
  candidate: NormalPassword,
): Promise<void> {
  const { hash, keyId } = await hasher.hash(candidate);
  await db.prisma.stagedPassword.createMany({ data: [{ ...where, hash, keyId }], skipDuplicates: true });
}
