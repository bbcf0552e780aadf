import { z } from 'zod';
import { normalisePassword } from '../../domain/permanente/password-rules.ts';
import { beginWithPassword } from '../citizens/start-authenticated-journey.ts';
import { startedJourney } from '../citizens/stored-journey.ts';
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
  answers: { 201: startedJourney },
  problems: ['current-password-refused', 'password-refused'],
  async handle(call, parts) {
    const { body, caller, seed, requestId } = call;
    const { citizenId } = caller;
    const current = normalisePassword(body.currentPassword);
    const tried = await parts.passwordTries.attempt(
      { citizenId, candidate: current, tryId: seed.uuid('try'), requestId },
      async (_tx, { id }) => id,
    );
    if (tried.kind === 'refused') {
      if (tried.blocked) void parts.blockNews.look();
      return { problem: 'current-password-refused' };
    }
    const candidate = normalisePassword(body.newPassword);
    const citizen = await parts.db.prisma.citizen.findUniqueOrThrow({ where: { id: citizenId } });
    const broken = await brokenRules(candidate, citizen, parts, async () => candidate === current);
    if (broken.length > 0)
      return { problem: 'password-refused', extra: { errors: broken.map((code) => ({ code })) } };
    const stagedPasswordId = seed.uuid('password');
    await stagePassword(parts, { id: stagedPasswordId, citizenId, journeyId: seed.journeyId() }, candidate);
    return beginWithPassword(
      call,
      {
        ...{ citizenId, kind: 'password-change', stagedPasswordId },
        authority: { passwordId: tried.value, sessionId: caller.id },
        ifSuperseded: 'not-authenticated',
      },
      parts,
    );
  },
});
