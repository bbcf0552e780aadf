import { z } from 'zod';
import { startAuthenticatedJourney } from '../citizens/start-authenticated-journey.ts';
import { startedJourneyReply } from '../citizens/stored-journey.ts';
import { route } from '../http/route.ts';
import { unsubscribeWithCertificate } from './unsubscription-by-certificate.ts';

/**
 * Starts the unsubscription of a signed-in citizen, which an SMS code confirms. The registration stays. [SS-unsubscription] With
 * a certificate it is done at once.
 */
export const startUnsubscription = route({
  method: 'post',
  path: '/unsubscriptions',
  summary: 'Unsubscribe',
  description:
    'In a session an SMS code follows (201). With a certificate it is done at once (204). A session that a certificate opened does not do.',
  tag: 'Journeys',
  caller: 'session-or-act',
  body: () => z.strictObject({}),
  replies: { 201: startedJourneyReply.meta({ description: 'In a session.' }), 204: z.undefined() },
  problems: ['wrong-purpose', 'not-registered', 'suspended', 'registration-act-needed'],
  async handle(context, dependencies) {
    const { caller } = context;
    if (caller.by === 'certificate') return unsubscribeWithCertificate({ ...context, caller }, dependencies);
    const { id: sessionId, citizenId, basis, credentialId } = caller.session;
    return startAuthenticatedJourney(
      context,
      {
        citizenId,
        kind: 'unsubscription',
        authority: { basis, credentialId, sessionId },
        ifSuperseded: 'not-authenticated',
      },
      dependencies,
    );
  },
});
