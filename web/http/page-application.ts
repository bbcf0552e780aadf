import express, { type Express, type RequestHandler } from 'express';

/** An Express application for pages, with what every front-end sets, and `/healthz`. `trustProxy`: proxies in front of it. */
export function createPageApplication(trustProxy: number): Express {
  const application = express();
  application.set('trust proxy', trustProxy);
  application.set('query parser', 'simple');
  application.disable('x-powered-by');
  application.enable('case sensitive routing');
  application.enable('strict routing');
  application.set('etag', false);
  application.get('/healthz', (_request, response) => {
    response.json({ status: 'alive' });
  });
  return application;
}

/** Pages, requests and errors hold what is nobody else's: neither proxies nor browsers may store them. */
export const noStore: RequestHandler = (_request, response, next) => {
  response.set('Cache-Control', 'no-store');
  next();
};
