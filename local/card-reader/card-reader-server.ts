import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type ErrorRequestHandler, type Express } from 'express';
import { z } from 'zod';
import { LocalServerError } from '../servers/local-server-error.ts';
import { claimPort, LOOPBACK } from '../servers/ports.ts';
import { CardSlots } from './card-slots.ts';
import { page, pagePolicy } from './page.ts';
import { cardPem, cardPkcs12 } from './pki/card-files.ts';
import type { DemoCard } from './pki/cards.ts';
import { type DemoPki, isIssuerId, issuerIds } from './pki/demo-pki.ts';
import { certificatePem } from './pki/issue-certificate.ts';
import { isListener, presentCard } from './present-card.ts';
import { Responders, responderModes } from './responders.ts';

/** How to start the card reader: 127.0.0.1, any free port for 0. */
export interface CardReaderOptions {
  readonly port: number;
  readonly pki: DemoPki;
}

/** A running card reader, with the responders of its cards' issuers. */
export interface CardReader {
  readonly url: string;
  stop(): Promise<void>;
}

/** What came of an insertion, by HTTP and on the page. */
type Inserted =
  | { readonly status: 200; readonly body: { readonly location: string } }
  | { readonly status: number; readonly body: { readonly code: string; readonly left?: number } };

const insertion = z.object({
  url: z.string().refine((text) => URL.canParse(text) && isListener(new URL(text))),
  card: z.string(),
  pin: z.string().max(100),
});

/** Starts the card reader. @throws LocalServerError if the port is taken. */
export async function startCardReader({ port, pki }: CardReaderOptions): Promise<CardReader> {
  if (port !== 0) await claimPort(port, 'the card reader', 'CARD_READER_PORT');
  const server = createServer(application(pki));
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) =>
      reject(new LocalServerError(`The card reader cannot listen: ${error.message}`)),
    );
    server.listen(port, LOOPBACK, resolve);
  });
  return {
    url: `http://${LOOPBACK}:${(server.address() as AddressInfo).port}`,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function application(pki: DemoPki): Express {
  const slots = new CardSlots();
  const responders = new Responders(pki);
  const authority = certificatePem(pki.server.root.certificate);
  const cardOf = (id: unknown): DemoCard | undefined => pki.cards.find((card) => card.id === id);

  const insert = async (entered: unknown): Promise<Inserted> => {
    const parsed = insertion.safeParse(entered);
    if (!parsed.success) return { status: 400, body: { code: 'malformed-request' } };
    const { url, card: id, pin } = parsed.data;
    const card = cardOf(id);
    if (!card) return { status: 404, body: { code: 'not-found' } };
    const outcome = slots.enter(card, pin);
    if (outcome.kind === 'blocked') return { status: 409, body: { code: 'card-blocked' } };
    if (outcome.kind === 'wrong') return { status: 409, body: { code: 'pin-wrong', left: outcome.left } };
    const presented = await presentCard(new URL(url), card, authority).catch(() => undefined);
    return presented?.location
      ? { status: 200, body: { location: presented.location } }
      : { status: 502, body: { code: 'not-presented' } };
  };

  const app = express();
  app.disable('x-powered-by');
  app.use((_request, response, next) => {
    response.set({
      'Content-Security-Policy': pagePolicy,
      'Cache-Control': 'no-store',
      'Referrer-Policy': 'no-referrer',
      'X-Content-Type-Options': 'nosniff',
    });
    next();
  });
  app.use(responders.router());
  app.use(express.json({ limit: '16kb' }), express.urlencoded({ extended: false, limit: '16kb' }));

  const triesLeft = (id: string) => slots.triesLeft(id);
  app.get('/', (request, response) => {
    const { url } = request.query;
    response.send(page(pki.cards, { url: typeof url === 'string' ? url : '', triesLeft }));
  });
  app.post('/insert', async (request, response) => {
    const inserted = await insert(request.body);
    if ('location' in inserted.body) return void response.redirect(303, inserted.body.location);
    const { url = '', card } = request.body ?? {};
    const error = errorText(inserted.body);
    response
      .status(inserted.status)
      .send(page(pki.cards, { url: String(url), chosen: String(card), error, triesLeft }));
  });
  app.post('/unblock', (_request, response) => {
    for (const { id } of pki.cards) slots.unblock(id);
    response.redirect(303, '/');
  });

  app.get('/cards', (_request, response) => {
    response.json({
      cards: pki.cards.map(({ id, holder, issuer, isOld }) => ({
        ...{ id, holder, issuer, isOld, triesLeft: slots.triesLeft(id) },
      })),
    });
  });
  app.get('/cards/:file', async (request, response) => {
    const [, id, form] = /^(.+)\.(pem|p12)$/.exec(request.params.file) ?? [];
    const card = cardOf(id);
    if (!card) return void response.status(404).json({ code: 'not-found' });
    if (form === 'pem') return void response.type('application/x-pem-file').send(cardPem(card));
    response
      .attachment(`${card.id}.p12`)
      .type('application/x-pkcs12')
      .send(await cardPkcs12(card));
  });
  app.get('/authority.pem', (_request, response) => {
    response.type('application/x-pem-file').send(authority);
  });
  app.post('/presentations', async (request, response) => {
    const { status, body } = await insert(request.body);
    response.status(status).json(body);
  });
  app.get('/responders', (_request, response) => {
    response.json({ responders: issuerIds.map((id) => ({ id, mode: responders.mode(id) })) });
  });
  app.put('/responders/:id', (request, response) => {
    const { id } = request.params;
    const mode = z.enum(responderModes).safeParse(request.body?.mode);
    if (!isIssuerId(id)) return void response.status(404).json({ code: 'not-found' });
    if (!mode.success) return void response.status(400).json({ code: 'malformed-request' });
    responders.set(id, mode.data);
    response.json({ id, mode: mode.data });
  });
  app.use((_request, response) => void response.status(404).json({ code: 'not-found' }));
  app.use(unreadable);
  return app;
}

function errorText({ code, left }: { readonly code: string; readonly left?: number }): string {
  switch (code) {
    case 'pin-wrong':
      return `That is not the PIN of this card. Tries left: ${left}.`;
    case 'card-blocked':
      return 'This card is blocked: its PIN was wrong three times.';
    case 'malformed-request':
      return 'That is not the address of an identification with a certificate on this computer.';
    default:
      return 'The identification did not take the card: it may have ended, or have been used already.';
  }
}

const unreadable: ErrorRequestHandler = (_error, _request, response, next) => {
  if (response.headersSent) next();
  else response.status(400).json({ code: 'malformed-request' });
};
