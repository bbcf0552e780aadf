import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import cookieParser from 'cookie-parser';
import express, { type ErrorRequestHandler, type Express, type Request, type Response } from 'express';
import { LocalServerError } from '../servers/local-server-error.ts';
import { claimPort, LOOPBACK } from '../servers/ports.ts';
import { type Asked, createOidcClient, levels, type OidcClient, scopes } from './oidc-client.ts';
import { contentSecurityPolicy, errorPage, page, resultPage, startPage } from './pages.ts';
import { type Visit, Visits } from './visits.ts';

/** How to start the demo administration. */
export interface DemoOptions {
  readonly port: number;
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

const cookie = 'demo_administration';

/** Starts it. By the name of localhost, whose cookies browsers keep apart from those of 127.0.0.1. @throws LocalServerError */
export async function startDemo({
  port,
  ...client
}: DemoOptions): Promise<{ url: string; stop(): Promise<void> }> {
  if (port !== 0) await claimPort(port, 'the demo administration', 'DEMO_PORT');
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) =>
      reject(new LocalServerError(`The demo administration cannot listen: ${error.message}`)),
    );
    server.listen(port, LOOPBACK, resolve);
  });
  const url = `http://localhost:${(server.address() as AddressInfo).port}`;
  server.on('request', application(createOidcClient({ ...client, origin: url }), client.issuer, url));
  return {
    url,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function application(client: OidcClient, issuer: string, origin: string): Express {
  const visits = new Visits();
  const visitOf = (request: Request, response: Response): Visit => {
    const found = visits.find(request.cookies[cookie]);
    if (found) return found;
    const { id, visit } = visits.open();
    response.cookie(cookie, id, { httpOnly: true, sameSite: 'lax', path: '/' });
    return visit;
  };
  const app = express();
  app.disable('x-powered-by');
  app.use((_request, response, next) => {
    response.set({
      'Content-Security-Policy': contentSecurityPolicy(new URL(issuer).origin),
      'Cache-Control': 'no-store',
      'Referrer-Policy': 'no-referrer',
      'X-Content-Type-Options': 'nosniff',
    });
    next();
  });
  app.use(cookieParser(), express.urlencoded({ extended: false, limit: '16kb' }));

  app.get('/', (request, response) => {
    const visit = visitOf(request, response);
    response.send(
      visit.identified ? resultPage(visit.identified) : startPage({ wasVoided: visit.voided ?? false }),
    );
  });

  app.post('/sign-in', async (request, response) => {
    const visit = visitOf(request, response);
    const { url, pending } = await client.start(askedIn(request.body));
    visits.remember(visit, pending);
    visit.voided = false;
    response.redirect(303, url.href);
  });

  app.get('/back', async (request, response) => {
    const visit = visitOf(request, response);
    const state = String(request.query['state'] ?? '');
    const pending = visit.pending.get(state);
    if (!pending)
      throw new Error(
        'this site knows of no such request: it was answered already, or is of another browser',
      );
    visit.pending.delete(state);
    visit.identified = await client.finish(new URL(request.originalUrl, origin), pending);
    response.redirect(303, '/');
  });

  app.post('/sign-out', async (request, response) => {
    const visit = visitOf(request, response);
    const { identified } = visit;
    visit.identified = undefined;
    if (!identified) return void response.redirect(303, '/');
    visit.signOutState = crypto.randomUUID();
    response.redirect(303, (await client.signOut(identified.idToken, visit.signOutState)).href);
  });

  app.get('/signed-out', (request, response) => {
    const visit = visitOf(request, response);
    const isOurs = visit.signOutState !== undefined && request.query['state'] === visit.signOutState;
    visit.signOutState = undefined;
    response.send(
      page(
        'Signed out',
        `<p>${isOurs ? 'You are signed out here, and the gateway has ended what this site could still read.' : 'This site has not asked for that.'}</p><p><a href="/">Start again</a></p>`,
      ),
    );
  });

  app.post('/backchannel-logout', async (request, response) => {
    const logoutToken = String(request.body?.['logout_token'] ?? '');
    const sid = await client.sessionToEnd(logoutToken).catch(() => undefined);
    if (sid === undefined) return void response.status(400).json({ error: 'invalid_request' });
    visits.void(sid);
    response.status(200).end();
  });

  app.use((_request, response) => {
    response
      .status(404)
      .send(page('Not found', '<p>There is no such page.</p><p><a href="/">Start again</a></p>'));
  });
  app.use(failed);
  return app;
}

/** What the gateway answered, or what openid-client did not accept: here it is shown, since this site is to learn from. */
const failed: ErrorRequestHandler = (error, _request, response, next) => {
  if (response.headersSent) return next();
  response.status(400).send(errorPage(error));
};

function askedIn(body: Readonly<Record<string, unknown>> | undefined): Asked {
  const chosen = [body?.['scope'] ?? []].flat();
  return {
    level: levels.find((level) => level === body?.['level']) ?? 'low',
    scopes: scopes.filter((scope) => chosen.includes(scope)),
    language: /^[a-z-]{2,11}$/.test(String(body?.['language'])) ? String(body?.['language']) : '',
    pushed: body?.['pushed'] === 'yes',
  };
}
