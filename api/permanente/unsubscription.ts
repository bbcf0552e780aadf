import { z } from 'zod';
import { beginWithPassword } from '../citizens/start-authenticated-journey.ts';
import { startedJourney } from '../citizens/stored-journey.ts';
import { route } from '../http/route.ts';

/** A citizen leaves Cl@ve Permanente: signed in, confirmed by SMS. The registration stays. [clave], "User downs" */
export const startUnsubscription = route({
  method: 'post',
  path: '/unsubscriptions',
  summary: 'Unsubscribe',
  tag: 'Journeys',
  caller: 'session',
  body: () => z.strictObject({}),
  answers: { 201: startedJourney },
  problems: [],
  handle: (call, parts) =>
    beginWithPassword(
      call,
      {
        ...{ citizenId: call.caller.citizenId, kind: 'unsubscription', ifSuperseded: 'not-authenticated' },
        authority: { passwordId: call.caller.passwordId, sessionId: call.caller.id },
      },
      parts,
    ),
});
