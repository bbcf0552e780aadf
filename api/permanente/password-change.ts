import { z } from 'zod';
import { normalisePassword } from '../../domain/permanente/password-rules.ts';
import { startAuthenticatedJourney } from '../citizens/start-authenticated-journey.ts';
import { startedJourneyReply } from '../citizens/stored-journey.ts';
import type { ApiDependencies } from '../http/dependencies.ts';
import { instant, password } from '../http/fields.ts';
import { malformed } from '../http/problems.ts';
import { type Reply, type RequestContext, route } from '../http/route.ts';
import type { StoredSession } from '../identification/sessions.ts';
import { brokenRules, stagePassword } from './new-password.ts';
import { changePasswordWithCertificate } from './password-change-by-certificate.ts';

/**
 * Starts a password change: verifies the current password (a wrong one counts as a failed sign-in), checks and stages the
 * new one, then asks for an SMS code. The current password stays in force until the code is right. [clave], [SS-change] With a
 * certificate it is changed at once.
 */
export const startPasswordChange = route({
  method: 'post',
  path: '/password-changes',
  summary: 'Change the password',
  description:
    'In a session: `currentPassword` is required, and an SMS code follows (201). With a certificate: `newPassword` only, in force at once, and an expired password is changed too (200). A session that a certificate opened changes none.',
  tag: 'Journeys',
  caller: 'session-or-act',
  body: () => z.strictObject({ currentPassword: password.optional(), newPassword: password }),
  replies: {
    200: z.object({ passwordExpiresAt: instant }).meta({ description: 'With a certificate.' }),
    201: startedJourneyReply.meta({ description: 'In a session.' }),
  },
  problems: [
    ...['wrong-purpose', 'current-password-refused', 'password-refused'],
    ...['not-registered', 'suspended', 'reset-needed'],
  ] as const,
  async handle(context, dependencies) {
    const { body, caller } = context;
    const { currentPassword } = body;
    if (caller.by === 'certificate')
      return currentPassword === undefined
        ? changePasswordWithCertificate({ ...context, caller }, dependencies)
        : malformed([{ pointer: '/currentPassword', code: 'unknown-field' }]);
    if (currentPassword === undefined) return malformed([{ pointer: '/currentPassword', code: 'required' }]);
    return changeInSession(
      { ...context, body: { ...body, currentPassword }, caller: caller.session },
      dependencies,
    );
  },
});

async function changeInSession(
  context: RequestContext<{ currentPassword: string; newPassword: string }, StoredSession>,
  dependencies: ApiDependencies,
): Promise<Reply> {
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
}
