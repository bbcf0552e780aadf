import { randomBytes } from 'node:crypto';
import express, { type Request, type Response, type Router } from 'express';
import type { Pool } from 'pg';
import { signingAlgorithms } from '../../domain/gateway/party-keys.ts';
import type { Logger } from '../../platform/log.ts';
import type { FlowPages } from '../flow/flow-pages.ts';
import type { Failure, IdentificationRequest } from '../flow/identification-request.ts';
import { findRelyingParty } from '../flow/relying-parties.ts';
import { createRequestBinding } from '../flow/request-binding.ts';
import { newSigningKey } from '../keys/gateway-keys.ts';
import { endInteraction } from '../oidc/end-interaction.ts';
import { createLogout } from '../oidc/logout.ts';
import { issuerPath, mountProvider } from '../oidc/mount.ts';
import { createOidcRequests } from '../oidc/oidc-requests.ts';
import { createProvider } from '../oidc/provider.ts';
import type { Realm } from '../oidc/realm.ts';
import { createResumeGuard } from '../oidc/resume-guard.ts';
import { type NextAnswer, nextAnswerFrom, simulatedFailures } from './next-answer.ts';
import { personNames, persons } from './persons.ts';
import { SimulatedIdentifications } from './simulated-identifications.ts';

interface Dependencies {
  /** The public origin of the gateway. */
  readonly origin: string;
  readonly db: Pick<Pool, 'query'>;
  readonly pages: () => FlowPages;
  readonly log: Logger;
}

/** Where the simulator is mounted. Its issuer is below. */
export const simulatorPath = '/simulator';

const realm: Realm = {
  prefix: 'simulator ',
  addressOfRequest: (id) => `${simulatorPath}/answer/${id}`,
  requestCookie: 'simulator-request',
  isCounted: false,
};

const maxBodyBytes = 4_096;

/**
 * The gateway for the tests of relying parties (docs/adr/0055): the same provider and registry, with an issuer and keys of its
 * own, and invented persons in the place of pages and API.
 */
export async function startSimulator({ origin, db, pages, log }: Dependencies): Promise<Router> {
  const issuer = `${origin}${simulatorPath}${issuerPath}`;
  const identifications = new SimulatedIdentifications();
  const chosen = new Map<string, NextAnswer>();
  const secretKeys = [{ id: 'simulator', bytes: randomBytes(32) }] as const;
  const binding = createRequestBinding(realm.requestCookie, [...secretKeys]);
  const onError = () => undefined;
  const provider = createProvider({
    ...{ issuer, db, pages, log, realm, binding, findIdentification: identifications.find },
    // Made at each start, and kept nowhere: nothing that this issuer signs outlives the process.
    keys: { keys: await Promise.all(signingAlgorithms.map((algorithm) => newSigningKey(algorithm))) },
    secretKeys,
    onStart: () => undefined,
    onError,
  });
  const requests = createOidcRequests({
    ...{ db, realm, binding, provider: () => provider, findIdentification: identifications.find },
    onEnd: () => undefined,
  });

  /** What no citizen can bring about, and so no page can ask for. */
  async function failAsServer(response: Response, id: string): Promise<void> {
    const result = { error: 'server_error', error_description: 'chosen at the simulator' };
    const outcome = { kind: 'unavailable' } as const;
    await endInteraction(db, { id, prefix: realm.prefix, result, outcome });
    response.redirect(303, realm.addressOfRequest(id));
  }

  async function answer(
    request: Request,
    response: Response,
    identificationRequest: IdentificationRequest,
  ): Promise<void> {
    const { id, relyingParty, floor } = identificationRequest;
    const { person = personNames[0], means, failure } = chosen.get(relyingParty.id) ?? {};
    chosen.delete(relyingParty.id);
    if (failure === 'server_error') return failAsServer(response, id);
    if (failure && failure !== 'identification-over')
      return requests.fail(request, response, identificationRequest, failure satisfies Failure);
    const party = await findRelyingParty(db, relyingParty.id);
    const identified = party && identifications.identify(persons[person], party, floor, means);
    if (!identified) return requests.fail(request, response, identificationRequest, 'level-not-available');
    await requests.succeed(request, response, identificationRequest, identified);
    if (failure) identifications.void(identified.identificationId);
  }

  const router = express.Router({ caseSensitive: true, strict: true });
  router.get(
    '/persons',
    (_request, response) => void response.json({ persons, failures: simulatedFailures }),
  );
  router.post('/next', express.json({ limit: maxBodyBytes }), async (request, response) => {
    const read = nextAnswerFrom(request.body);
    if ('problems' in read) return void response.status(400).json({ problems: read.problems });
    if (!(await findRelyingParty(db, read.answer.relyingParty)))
      return void response.status(400).json({ problems: ['relyingParty: is not registered'] });
    chosen.set(read.answer.relyingParty, read.answer);
    response.json(read.answer);
  });
  router.get('/answer/:id', async (request, response) => {
    const identificationRequest = await requests.find(request, response, String(request.params['id']));
    if (identificationRequest?.continueAt) return response.redirect(303, identificationRequest.continueAt);
    if (identificationRequest) return answer(request, response, identificationRequest);
    pages().showError(request, response, {
      ...{ status: 404, code: 'invalid_request', relyingParty: undefined },
      description: 'this request is over, or another browser has begun it',
    });
  });
  router.use(
    issuerPath,
    createLogout({ db, pages, provider: () => provider }),
    createResumeGuard({ db, pages, binding, realm, onError, provider: () => provider }),
    mountProvider(issuer, () => provider),
  );
  log.warn({ issuer }, 'the simulator is on: its identifications are invented');
  return router;
}
