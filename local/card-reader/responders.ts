import express, { type Request, type Response, type Router } from 'express';
import { type DemoIssuer, type DemoPki, isIssuerId, issuerIds } from './pki/demo-pki.ts';
import { type AnswerMode, answerModes, answerOcsp, currentCrl } from './pki/revocation-answers.ts';

/** How a responder answers, or does not. */
export const responderModes = [...answerModes, 'hang', 'huge', 'down'] as const;
export type ResponderMode = (typeof responderModes)[number];

const hugeBytes = 20 * 1_024 * 1_024;

/** The responders of the demo's issuers, for OCSP and lists, by HTTP: each in a mode that can be set. */
export class Responders {
  readonly #pki: DemoPki;
  readonly #modes = new Map<string, ResponderMode>();

  constructor(pki: DemoPki) {
    this.#pki = pki;
  }

  mode(id: string): ResponderMode {
    return this.#modes.get(id) ?? 'ok';
  }

  set(id: string, mode: ResponderMode): void {
    this.#modes.set(id, mode);
  }

  /** `/ocsp/{issuer}` and `/crl/{issuer}`. */
  router(): Router {
    const router = express.Router();
    router.post('/ocsp/:id', express.raw({ type: () => true, limit: '64kb' }), (request, response) =>
      this.#answer(request, response, 'application/ocsp-response', (issuer, options) =>
        answerOcsp(issuer, Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0), options),
      ),
    );
    router.get('/crl/:id', (request, response) =>
      this.#answer(request, response, 'application/pkix-crl', currentCrl),
    );
    return router;
  }

  #answer(
    request: Request,
    response: Response,
    type: string,
    answer: (issuer: DemoIssuer, options: Parameters<typeof currentCrl>[1]) => Buffer,
  ): void {
    const id = String(request.params['id']);
    if (!isIssuerId(id)) return void response.status(404).end();
    const mode = this.mode(id);
    if (mode === 'hang') return;
    if (mode === 'down') return void request.socket.destroy();
    response.type(type);
    if (mode === 'huge') return void response.send(Buffer.alloc(hugeBytes));
    const { issuers } = this.#pki;
    const other = issuers[issuerIds.find((each) => each !== id) ?? id];
    response.send(answer(issuers[id], { mode: mode satisfies AnswerMode, now: new Date(), other }));
  }
}
