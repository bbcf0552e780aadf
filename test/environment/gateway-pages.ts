import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import express, { type Request, type Response } from 'express';
import { createFlowPages } from '../../gateway/flow/create-flow-pages.ts';
import type { FlowPages } from '../../gateway/flow/flow-pages.ts';
import {
  addressOfRequest,
  type CompletedIdentification,
  type Failure,
  type IdentificationRequest,
  type IdentificationRequests,
  type RelyingPartyView,
} from '../../gateway/flow/identification-request.ts';
import { createLog } from '../../platform/log.ts';
import { createAssets } from '../../web/http/assets.ts';
import { createPageServer } from '../../web/http/page-server.ts';
import { SealedBox } from '../../web/http/sealed-box.ts';
import { securityHeaders } from '../../web/http/security-headers.ts';
import type { TestParty } from '../actors/relying-parties.ts';
import { testGatewayUrl } from './gateway-in-process.ts';
import { PortalVisitor } from './portal-visitor.ts';
import type { Stack } from './stack.ts';

/** Requests of no protocol: they are started by a test, and lead back to an address of the same server. */
export class RequestsInMemory implements IdentificationRequests {
  /** How each request has ended. */
  readonly ended = new Map<string, CompletedIdentification | Failure>();
  /** Whether the storage of the requests fails. */
  isDown = false;
  /** The origin of the addresses that lead back; the same server's if it is empty. */
  returnOrigin = '';
  readonly #requests = new Map<string, IdentificationRequest>();

  /** @returns the id of a new request */
  start(party: TestParty, overrides: Partial<IdentificationRequest> = {}): string {
    const id = randomBytes(16).toString('base64url');
    const request: IdentificationRequest = {
      id,
      protocol: 'oidc',
      relyingParty: viewOf(party),
      floor: party.floor as IdentificationRequest['floor'],
      startedAt: new Date(),
      expiresAt: new Date(Date.now() + 1_800_000),
      language: undefined,
      continueAt: undefined,
      ...overrides,
    };
    this.#requests.set(id, request);
    return id;
  }

  change(id: string, changes: Partial<IdentificationRequest>): void {
    const request = this.#requests.get(id);
    if (request) this.#requests.set(id, { ...request, ...changes });
  }

  remove(id: string): void {
    this.#requests.delete(id);
  }

  async find(_request: Request, _response: Response, id: string): Promise<IdentificationRequest | undefined> {
    if (this.isDown) throw new Error('the storage is down');
    return this.#requests.get(id);
  }

  async succeed(
    _request: Request,
    response: Response,
    request: IdentificationRequest,
    identification: CompletedIdentification,
  ): Promise<void> {
    this.#end(response, request, identification);
  }

  async fail(
    _request: Request,
    response: Response,
    request: IdentificationRequest,
    failure: Failure,
  ): Promise<void> {
    this.#end(response, request, failure);
  }

  #end(response: Response, request: IdentificationRequest, how: CompletedIdentification | Failure): void {
    this.ended.set(request.id, how);
    this.change(request.id, { continueAt: `${this.returnOrigin}/returned/${request.id}` });
    response.redirect(303, addressOfRequest(request.id));
  }
}

const viewOf = ({ id, name, shortName, means, attributes, floor }: TestParty): RelyingPartyView => ({
  id,
  name: { es: id, ...name },
  organisation: 'Ministerio de pruebas',
  host: 'pruebas.example',
  homeUrl: 'https://pruebas.example/',
  shortName,
  means: means.length === 0 ? undefined : means,
  attributes,
  floor: floor as RelyingPartyView['floor'],
});

/** The gateway's pages without a protocol. */
export interface GatewayPages {
  readonly url: string;
  readonly pages: FlowPages;
  readonly requests: RequestsInMemory;
  /** A new browser, without cookies. */
  visitor(): PortalVisitor;
  stop(): void;
}

/** Starts the gateway's pages in this process. `/error` and `/signed-out` show what a protocol asks them to show. */
export async function startGatewayPages(
  { url: API_URL, gatewayKey: GATEWAY_KEY }: Pick<Stack, 'url' | 'gatewayKey'>,
  PORTAL_URL = 'http://localhost:3002',
): Promise<GatewayPages> {
  const requests = new RequestsInMemory();
  const sealedBox = new SealedBox([{ id: 'g1', bytes: randomBytes(32) }], 'gateway');
  const { serve, asset } = createAssets();
  const log = createLog('test', 'silent');
  const GATEWAY_URL = testGatewayUrl;
  const CERTIFICATE_URL = 'https://identidad.localhost:3443';
  const settings = { API_URL, CERTIFICATE_URL, GATEWAY_KEY, GATEWAY_URL, PORTAL_URL };
  const pages = createFlowPages({ settings, requests, sealedBox, asset, log });
  const application = express();
  application.use(securityHeaders, serve);
  application.get('/returned/:id', (_request, response) => void response.send('<h1>pruebas.example</h1>'));
  application.get('/error', (request, response) =>
    pages.showError(request, response, {
      status: 400,
      code: 'invalid_redirect_uri',
      description: 'redirect_uri is not registered',
      relyingParty: undefined,
    }),
  );
  application.get('/signed-out', (request, response) => pages.showSignedOut(request, response, undefined));
  application.use(pages.router);
  const server = createPageServer(application).listen(0);
  await once(server, 'listening');
  const url = `http://localhost:${(server.address() as AddressInfo).port}`;
  return {
    url,
    pages,
    requests,
    visitor: () => new PortalVisitor(url),
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}

export { addressOfRequest };
