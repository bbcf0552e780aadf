import { z } from 'zod';
import { startAuthenticatedJourney } from '../citizens/start-authenticated-journey.ts';
import { startedJourneyReply } from '../citizens/stored-journey.ts';
import { route } from '../http/route.ts';

/** A citizen leaves Cl@ve Permanente: signed in, confirmed by SMS. The registration stays. [clave], "User downs" */
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
        ...{ citizenId: context.caller.citizenId, kind: 'unsubscription', ifSuperseded: 'not-authenticated' },
        authority: { passwordId: context.caller.passwordId, sessionId: context.caller.id },
      },
      dependencies,
    ),
});
