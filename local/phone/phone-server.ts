import { setMaxListeners } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type ErrorRequestHandler, type Express } from 'express';
import { LocalServerError } from '../servers/local-server-error.ts';
import { claimPort, LOOPBACK } from '../servers/ports.ts';
import { type Fault, Faults } from './faults.ts';
import { inboxRoutes, type ReceivedMessage, received } from './inbox-routes.ts';
import { MessageStore } from './message-store.ts';
import { messagesApi, type Phone } from './messages-api.ts';
import { refusals, refuse } from './twilio-error.ts';

/** How to start the phone; 127.0.0.1 unless another `host` is given, any free port for 0. */
export interface PhoneOptions {
  readonly port: number;
  readonly accountSid: string;
  readonly authToken: string;
  readonly host?: string;
}

/** A running phone. */
export interface PhoneServer {
  /** What the Twilio client takes instead of api.twilio.com, and where the page for people is. */
  readonly url: string;
  readonly port: number;
  /** Oldest first; only those to one number if `to` is given. */
  messages(to?: string): readonly ReceivedMessage[];
  clear(): void;
  /** Adds a fault to those in force: see `Fault`. */
  addFault(fault: Fault): void;
  clearFaults(): void;
  /** Closes every connection, and sends no more status callbacks. */
  stop(): Promise<void>;
}

// An unreadable or interrupted request: answered in Twilio's form, never with a stack trace.
const unreadable: ErrorRequestHandler = (_error, _request, response, next) => {
  if (response.headersSent) next();
  else refuse(response, refusals.malformed);
};

function application(phone: Phone): Express {
  const app = express();
  app.disable('x-powered-by');
  app.use(messagesApi(phone), inboxRoutes(phone), unreadable);
  return app;
}

/** Starts the simulated phone. @throws LocalServerError if the port is taken. */
export async function startPhone({
  port,
  accountSid,
  authToken,
  host = LOOPBACK,
}: PhoneOptions): Promise<PhoneServer> {
  if (port !== 0) await claimPort(port, 'the phone', 'PHONE_PORT');
  const off = new AbortController();
  setMaxListeners(0, off.signal); // one for each message under way
  const messages = new MessageStore();
  const faults = new Faults();
  const server = createServer(
    application({ account: { accountSid, authToken }, messages, faults, stop: off.signal }),
  );
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) =>
      reject(new LocalServerError(`The phone cannot listen: ${error.message}`)),
    );
    server.listen(port, host, resolve);
  });
  const bound = server.address() as AddressInfo;
  return {
    url: `http://${host === '0.0.0.0' ? LOOPBACK : host}:${bound.port}`,
    port: bound.port,
    messages: (to) => messages.list(to).map(received),
    clear: () => messages.clear(),
    addFault: (fault) => faults.add(fault),
    clearFaults: () => faults.clear(),
    async stop() {
      off.abort();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
