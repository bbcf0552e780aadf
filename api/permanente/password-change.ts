import { z } from 'zod';
import { normalisePassword } from '../../domain/permanente/password-rules.ts';
import { startAuthenticatedJourney } from '../citizens/start-authenticated-journey.ts';
import { startedJourneyReply } from '../citizens/stored-journey.ts';
import { password } from '../http/fields.ts';
import { route } from '../http/route.ts';
import { brokenRules, stagePassword } from './new-password.ts';

/**
 * Starts a password change: verifies the current password (a wrong one counts as a failed sign-in), checks and stages the
 * new one, then asks for an SMS code. The current password stays in force until the code is right. [clave], [SS-change]
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
    const attempt = await dependencies.passwordAttempts.attempt(
      { citizenId, candidate: current, attemptId: randomness.uuid('try'), requestId },
      async (_tx, { id }) => id,
    );
    if (attempt.kind === 'refused') {
      if (attempt.blocked) void dependencies.passwordBlockOutbox.flush();
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
        citizenId,
        kind: 'password-change',
        stagedPasswordId,
        authority: { basis: 'password', credentialId: attempt.value, sessionId: caller.id },
        ifSuperseded: 'not-authenticated',
      },
      dependencies,
    );
  },
});
