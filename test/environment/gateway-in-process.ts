import express, { type Request, type Response } from 'express';
import type { Pool, QueryConfig } from 'pg';
import { createGateway, type Gateway } from '../../gateway/app.ts';
import type { CreateFlowPages } from '../../gateway/flow/flow-pages.ts';
import type { CompletedIdentification, Failure } from '../../gateway/flow/identification-request.ts';
import { readGatewaySettings } from '../../platform/config.ts';
import { openPool } from '../../platform/database-pool.ts';
import { createLog } from '../../platform/log.ts';
import type { Budget } from '../../web/http/address-budget.ts';
import { createPageServer } from '../../web/http/page-server.ts';
import { readForm } from '../../web/http/submitted-form.ts';
import { holdPort } from './held-port.ts';
import type { Stack } from './stack.ts';

/** The gateway with pages that a test drives. */
export interface GatewayInProcess extends Pick<Gateway, 'maintain'> {
  readonly url: string;
  /** Every line of its log. */
  readonly log: readonly string[];
  /** The names of the statements that it has sent to PostgreSQL. */
  readonly statements: readonly string[];
  stop(): Promise<void>;
}

/** Where the gateway would be, as the API of the test service knows it. */
export const testGatewayUrl = 'http://localhost:3004';

/** Starts a gateway in this process, beside the API of a service. `now`: the clock of its keys. */
export async function startGatewayInProcess(
  stack: Stack,
  {
    now,
    createPages = createDrivenPages,
    env = {},
    budget = { max: 100_000, per: 'PT1M' },
  }: {
    now?: () => number;
    createPages?: CreateFlowPages;
    env?: Record<string, string>;
    /** Of whatever one address asks; out of reach unless it is said. */
    budget?: Budget;
  } = {},
): Promise<GatewayInProcess> {
  const port = await holdPort();
  const { url } = port;
  const settings = readGatewaySettings({
    API_URL: stack.url,
    GATEWAY_URL: url,
    GATEWAY_DATABASE_URL: stack.database.gatewayUrl,
    GATEWAY_KEY: stack.gatewayKey,
    // The gateways on one database must open each other's keys.
    GATEWAY_SECRET_KEY: `${stack.key.id}:${stack.key.bytes.toString('base64')}`,
    ...env,
  });
  const pool = openPool(settings.GATEWAY_DATABASE_URL, { statementTimeoutMs: 10_000 });
  const log: string[] = [];
  const statements: string[] = [];
  const gateway = await createGateway({
    settings,
    log: createLog('gateway', 'trace', { write: (line) => void log.push(line) }),
    db: {
      query: (statement: QueryConfig) => {
        statements.push(statement.name ?? '');
        return pool.query(statement);
      },
    } as unknown as Pool,
    // The API of the test service sends browsers back to this origin only.
    createPages: ({ settings: given, ...options }) =>
      createPages({ ...options, settings: { ...given, GATEWAY_URL: testGatewayUrl } }),
    budgets: { pages: budget, authorizations: budget, serverCalls: budget },
    ...(now && { now }),
  });
  const server = createPageServer(gateway.application);
  await port.giveTo(server);
  return {
    ...{ url, log, statements },
    maintain: () => gateway.maintain(),
    async stop() {
      server.closeAllConnections();
      server.close();
      await pool.end();
    },
  };
}

/** Pages that answer with what the seam says: `GET /identify/:id`, `POST /identify/:id/succeed` and `/fail`. */
export const createDrivenPages: CreateFlowPages = ({ requests }) => {
  const router = express.Router().use(...readForm);
  const found = async (request: Request, response: Response) => {
    const id = String(request.params['id']);
    const identificationRequest = await requests.find(request, response, id);
    if (!identificationRequest) response.status(410).json({ page: 'over' });
    return identificationRequest;
  };
  router.get('/identify/:id', async (request, response) => {
    const identificationRequest = await found(request, response);
    const { continueAt } = identificationRequest ?? {};
    if (continueAt) response.redirect(303, continueAt);
    else if (identificationRequest) response.json(identificationRequest);
  });
  router.post('/identify/:id/succeed', async (request, response) => {
    const identificationRequest = await found(request, response);
    const identification = request.body as CompletedIdentification;
    if (identificationRequest)
      await requests.succeed(request, response, identificationRequest, identification);
  });
  router.post('/identify/:id/fail', async (request, response) => {
    const identificationRequest = await found(request, response);
    const { failure } = request.body as { failure: Failure };
    if (identificationRequest) await requests.fail(request, response, identificationRequest, failure);
  });
  router.use((_request, response) => void response.status(404).json({ page: 'error', code: 'not_found' }));
  return {
    router,
    showError: (_request, response, { status, code, description, relyingParty }) =>
      void response.status(status).json({ page: 'error', code, description, relyingParty: relyingParty?.id }),
    showSignedOut: (_request, response, relyingParty) =>
      void response.json({ page: 'signed-out', relyingParty: relyingParty?.id }),
  };
};
