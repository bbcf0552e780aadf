import { createServer, type RequestListener, type Server, type ServerOptions } from 'node:http';
import { languageFrom } from '../../domain/languages.ts';
import { type AdmissionOptions, createAdmission, maxConnections } from '../../platform/admission.ts';
import { httpMessageClasses } from '../../platform/http-messages.ts';
import { answerClientErrors } from './client-errors.ts';
import { sendRefusalPage } from './refusal-page.ts';

/** The longest form. */
export const maxFormBytes = 16 * 1_024;

/** Probes: always admitted. */
const probePaths: ReadonlySet<string | undefined> = new Set(['/healthz', '/readyz']);

/**
 * As many as the API: most of them wait for it. One that has been in progress for 20 s has its connection destroyed,
 * so that clients that neither read nor hang up do not occupy every slot (docs/adr/0037).
 */
const admission = { maxConcurrent: 160, deadlineMs: 20_000 };

// Forms are small: a client that sends one slowly is disconnected.
const timeouts = { requestTimeout: 10_000, headersTimeout: 10_000, connectionsCheckingInterval: 1_000 };

/**
 * Creates the HTTP server of the pages, behind an admission control. `limits`: for tests. `create`: for a server that speaks
 * TLS itself. `options`: of Node's server.
 */
export function createPageServer(
  application: RequestListener,
  limits: Partial<AdmissionOptions> = {},
  create: (options: ServerOptions, listener: RequestListener) => Server = createServer,
  options: ServerOptions = {},
): Server {
  const { admit } = createAdmission({
    ...admission,
    maxBodyBytes: maxFormBytes,
    maxArrivingBytes: 1_024 * maxFormBytes,
    isExempt: ({ url }) => probePaths.has(url),
    refuse(request, response) {
      const language = languageFrom(request.headers['accept-language']);
      const headers = { Connection: 'close', 'Retry-After': '5' };
      sendRefusalPage('temporarily-unavailable', language, response, headers);
    },
    ...limits,
  });
  const server = create({ ...timeouts, ...httpMessageClasses(application), ...options }, admit(application));
  server.maxConnections = maxConnections;
  answerClientErrors(server);
  return server;
}
