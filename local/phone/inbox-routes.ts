import { json, type Request, Router } from 'express';
import { readFault } from './faults.ts';
import type { Message } from './message-store.ts';
import type { Phone } from './messages-api.ts';
import { page, pagePolicy } from './page.ts';

/** A message as tests and scripts read it; `at` is ISO 8601. */
export interface ReceivedMessage {
  readonly sid: string;
  readonly to: string;
  readonly from: string;
  readonly body: string;
  readonly at: string;
}

/** A message without the fields of Twilio's API. */
export const received = ({ sid, to, from, body, createdAtMs }: Message): ReceivedMessage => ({
  sid,
  to,
  from,
  body,
  at: new Date(createdAtMs).toISOString(),
});

// An unescaped "+" arrives as a space.
function numberAsked({ query }: Request): string | undefined {
  return typeof query.to === 'string' ? query.to.replace(/^ /, '+') : undefined;
}

/** Routes that Twilio does not have, for people and tests: the page, the messages as plain JSON, and faults. */
export function inboxRoutes({ messages, faults }: Phone): Router {
  const router = Router();
  router.get('/', (_request, response) => {
    response.set('Content-Security-Policy', pagePolicy);
    response.set('Cache-Control', 'no-store').type('html').send(page(messages.list()));
  });
  router.get('/messages.json', (request, response) => {
    const last = Number(request.query.last) || 0;
    response
      .set('Cache-Control', 'no-store')
      .json({ messages: messages.list(numberAsked(request)).slice(-last).map(received) });
  });
  router.delete('/messages.json', (_request, response) => {
    messages.clear();
    response.status(204).end();
  });
  router.get('/faults', (_request, response) => {
    response.json({ faults: faults.list() });
  });
  router.post('/faults', json(), (request, response) => {
    const fault = readFault(request.body);
    if (!fault)
      return void response.status(400).json({ problem: 'no such fault: see local/phone/faults.ts' });
    faults.add(fault);
    response.status(201).json(fault);
  });
  router.delete('/faults', (_request, response) => {
    faults.clear();
    response.status(204).end();
  });
  return router;
}
