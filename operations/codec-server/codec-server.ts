import type { PayloadCodec } from '@temporalio/common';
import proto from '@temporalio/proto';
import cors from 'cors';
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';

const { Payloads } = proto.temporal.api.common.v1;

/**
 * What the Temporal UI asks to show payloads in clear: `POST /decode`, in Temporal's own form. It listens on the
 * operator's own machine and answers pages of the UI's origin, and callers that are no browser: who has the key there
 * could decrypt without it. There is no `/encode`: nobody writes to a citizen's workflow by hand (docs/adr/0002).
 */
export function createCodecServer({
  codec,
  origins,
}: {
  codec: Pick<PayloadCodec, 'decode'>;
  origins: readonly string[];
}): Express {
  const app = express();
  app.disable('x-powered-by');
  app.use(mustBeHere, mustBeOf(origins));
  app.use(cors({ origin: [...origins], methods: ['POST'], allowedHeaders: ['Content-Type', 'X-Namespace'] }));
  app.get('/healthz', (_request, response) => {
    response.json({ status: 'alive' });
  });
  app.post('/decode', express.json({ limit: '4mb' }), async (request, response) => {
    const { payloads } = Payloads.fromObject(request.body as object);
    const decoded = await codec.decode(payloads);
    response.set('Cache-Control', 'no-store').json(Payloads.create({ payloads: decoded }).toJSON());
  });
  app.use(refused);
  return app;
}

/** Whoever is led here by another name is led by somebody else's page (DNS rebinding). */
const mustBeHere: RequestHandler = (request, response, next) => {
  if (/^(127\.0\.0\.1|localhost)(:\d+)?$/.test(request.headers.host ?? '')) next();
  else response.status(403).json({ error: 'not for this host' });
};

/** A page of another origin gets nothing decrypted, not even unread. */
const mustBeOf =
  (origins: readonly string[]): RequestHandler =>
  (request, response, next) => {
    const { origin } = request.headers;
    if (origin === undefined || origins.includes(origin)) next();
    else response.status(403).json({ error: 'not for this origin' });
  };

/** What can't be read or decrypted is the caller's: nothing of it is told. */
const refused: ErrorRequestHandler = (_error, _request, response, _next) => {
  response.status(400).json({ error: 'cannot be decoded' });
};
