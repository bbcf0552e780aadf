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
  handle(context, dependencies) {
    const { id: sessionId, citizenId, basis, credentialId } = context.caller;
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
