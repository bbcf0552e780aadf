import type { PayloadCodec } from '@temporalio/common';
import proto from '@temporalio/proto';
import cors from 'cors';
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';

const { Payloads } = proto.temporal.api.common.v1;

/**
 * A codec server for the Temporal UI: `POST /decode` in Temporal's remote codec protocol. Callers are pages of the UI's
 * origins and local programs, which could read the key and decrypt by themselves. There is no `/encode`: operators do not
 * send messages to citizens' workflows (docs/adr/0002).
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
  app.use(requireLocalHost, requireOrigin(origins));
  app.use(cors({ origin: [...origins], methods: ['POST'], allowedHeaders: ['Content-Type', 'X-Namespace'] }));
  app.get('/healthz', (_request, response) => {
    response.json({ status: 'alive' });
  });
  app.post('/decode', express.json({ limit: '4mb' }), async (request, response) => {
    const { payloads } = Payloads.fromObject(request.body as object);
    const decoded = await codec.decode(payloads);
    response.set('Cache-Control', 'no-store').json(Payloads.create({ payloads: decoded }).toJSON());
  });
  app.use(reject);
  return app;
}

/** Any other Host header comes from a foreign page by DNS rebinding. */
const requireLocalHost: RequestHandler = (request, response, next) => {
  if (/^(127\.0\.0\.1|localhost)(:\d+)?$/.test(request.headers.host ?? '')) next();
  else response.status(403).json({ error: 'not for this host' });
};

/** CORS hides the response from other origins; this does not even decrypt for them. */
const requireOrigin =
  (origins: readonly string[]): RequestHandler =>
  (request, response, next) => {
    const { origin } = request.headers;
    if (origin === undefined || origins.includes(origin)) next();
    else response.status(403).json({ error: 'not for this origin' });
  };

/** Malformed or undecryptable payloads are the caller's error; the response says no more. */
const reject: ErrorRequestHandler = (_error, _request, response, _next) => {
  response.status(400).json({ error: 'cannot be decoded' });
};
