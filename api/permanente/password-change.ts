import { z } from 'zod';
import { normalisePassword } from '../../domain/permanente/password-rules.ts';
import { startAuthenticatedJourney } from '../citizens/start-authenticated-journey.ts';
import { startedJourneyReply } from '../citizens/stored-journey.ts';
import { password } from '../http/fields.ts';
import { route } from '../http/route.ts';
import { brokenRules, stagePassword } from './new-password.ts';

/**
 * A change of password: the current one (a wrong one counts as a failed sign-in), the new one, then an SMS code. The old
 * one works until the very end. [clave], "Password change"
 */
export const startPasswordChange = route({
  method: 'post',
  path: '/password-changes',
  summary: 'Change the password',
  tag: 'Journeys',
  caller: 'session',
  body: () => z.strictObject({ currentPassword: password, newPassword: password }),
  replies: { 201: startedJourneyReply },
  problems: ['current-password-refused', 'password-refused'],
  async handle(context, dependencies) {
    const { body, caller, randomness, requestId } = context;
    const { citizenId } = caller;
    const current = normalisePassword(body.currentPassword);
    const tried = await dependencies.passwordAttempts.attempt(
      { citizenId, candidate: current, attemptId: randomness.uuid('try'), requestId },
      async (_tx, { id }) => id,
    );
    if (tried.kind === 'refused') {
      if (tried.blocked) void dependencies.passwordBlockOutbox.flush();
      return { problem: 'current-password-refused' };
    }
    const candidate = normalisePassword(body.newPassword);
    const citizen = await dependencies.db.prisma.citizen.findUniqueOrThrow({ where: { id: citizenId } });
    const broken = await brokenRules(candidate, citizen, dependencies, async () => candidate === current);
    if (broken.length > 0)
      return { problem: 'password-refused', extra: { errors: broken.map((code) => ({ code })) } };
    const stagedPasswordId = randomness.uuid('password');
    await stagePassword(
      dependencies,
      { id: stagedPasswordId, citizenId, journeyId: randomness.journeyId() },
      candidate,
    );
    return startAuthenticatedJourney(
      context,
      {
        ...{ citizenId, kind: 'password-change', stagedPasswordId },
        authority: { passwordId: tried.value, sessionId: caller.id },
        ifSuperseded: 'not-authenticated',
      },
      dependencies,
    );
  },
});
