import { timingSafeEqual } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Request, type Response, Router, urlencoded } from 'express';
import { type Account, deliver } from './delivery.ts';
import type { Fault, Faults } from './faults.ts';
import { messagePage, messageResource } from './message-resource.ts';
import type { MessageStore } from './message-store.ts';
import { parseMessageRequest } from './parse-message-request.ts';
import { refusals, refuse } from './twilio-error.ts';

/** Dependencies of the phone's routes. `stop` fires when the phone is switched off. */
export interface Phone {
  readonly account: Account;
  readonly messages: MessageStore;
  readonly faults: Faults;
  readonly stop: AbortSignal;
}

function mayEnter({ accountSid, authToken }: Account, header: string | undefined): boolean {
  const expected = Buffer.from(`Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}`);
  const given = Buffer.from(header ?? '');
  return given.length === expected.length && timingSafeEqual(given, expected);
}

/** @returns whether the fault has answered, so that nothing is left to do. */
function refuseByFault(fault: Fault, response: Response): boolean {
  if (fault.die) response.socket?.destroy();
  else if (fault.status !== undefined) {
    if (fault.retryAfter !== undefined) response.set('Retry-After', String(fault.retryAfter));
    const code = fault.code ?? (fault.status === 429 ? 20_429 : 20_500);
    refuse(response, {
      status: fault.status,
      code,
      message: fault.message ?? 'A fault that somebody asked for.',
    });
  } else return false;
  return true;
}

async function create(phone: Phone, request: Request, response: Response): Promise<void> {
  const form = (request.body ?? {}) as Record<string, unknown>;
  const fault = phone.faults.take(String(form.To ?? ''));
  if (fault?.delayMs) await sleep(fault.delayMs, undefined, { signal: phone.stop });
  if (fault && refuseByFault(fault, response)) return;
  const order = parseMessageRequest(form);
  if ('code' in order) return refuse(response, order);
  const message = phone.messages.add(order);
  void deliver(phone.account, message, fault, phone.stop).catch(() => undefined); // only ever ended by `stop`
  if (fault?.acceptAndDie) response.socket?.destroy();
  else response.status(201).json(messageResource(phone.account.accountSid, message));
}

function list(phone: Phone, request: Request, response: Response): void {
  const { To: to, From: from, PageSize: pageSize, Page: page } = request.query;
  const found = phone.messages.list().filter((message) => {
    return (to === undefined || message.to === to) && (from === undefined || message.from === from);
  });
  const size = Math.min(1_000, Math.max(1, Number(pageSize) || 50));
  const filter = new URLSearchParams({
    ...(typeof to === 'string' ? { To: to } : {}),
    ...(typeof from === 'string' ? { From: from } : {}),
  }).toString();
  const number = Math.max(0, Math.trunc(Number(page) || 0));
  response.json(messagePage(phone.account.accountSid, found, number, size, filter ? `${filter}&` : ''));
}

/** Twilio's Messages API: create, list, fetch and delete, with its authentication and its errors. */
export function messagesApi(phone: Phone): Router {
  const { account, messages } = phone;
  const router = Router();
  const one = '/2010-04-01/Accounts/:account/Messages/:sid.json';
  const all = '/2010-04-01/Accounts/:account/Messages.json';

  router.use('/2010-04-01', (request, response, next) => {
    if (mayEnter(account, request.headers.authorization)) next();
    else refuse(response, refusals.authenticate);
  });
  router.param('account', (request, response, next, sid) => {
    if (sid === account.accountSid) next();
    else refuse(response, refusals.notFound(request.path));
  });
  router.param('sid', (request, response, next, sid) => {
    if (messages.find(sid)) next();
    else refuse(response, refusals.notFound(request.path));
  });
  router.post(all, urlencoded({ extended: false }), (request, response) => create(phone, request, response));
  router.get(all, (request, response) => list(phone, request, response));
  router.get(one, (request, response) => {
    const message = messages.find(request.params.sid);
    if (message) response.json(messageResource(account.accountSid, message));
  });
  router.delete(one, (request, response) => {
    messages.remove(request.params.sid);
    response.status(204).end();
  });
  router.use('/2010-04-01', (request, response) => refuse(response, refusals.notFound(request.originalUrl)));
  return router;
}
