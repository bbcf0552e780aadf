import { z } from 'zod';
import { startAuthenticatedJourney } from '../citizens/start-authenticated-journey.ts';
import { startedJourneyReply } from '../citizens/stored-journey.ts';
import { route } from '../http/route.ts';

/** Starts the unsubscription of a signed-in citizen, which an SMS code confirms. The registration stays. [SS-unsubscription] */
export const startUnsubscription = route({
  method: 'post',
  path: '/unsubscriptions',
  summary: 'Unsubscribe',
  tag: 'Journeys',
  caller: 'session',
  body: () => z.strictObject({}),
  replies: { 201: startedJourneyReply },
  problems: [],
  handle: (context, dependencies) =>
    startAuthenticatedJourney(
      context,
      {
        citizenId: context.caller.citizenId,
        kind: 'unsubscription',
        authority: { passwordId: context.caller.credentialId, sessionId: context.caller.id },
        ifSuperseded: 'not-authenticated',
      },
      dependencies,
    ),
});
