import { readFileSync } from 'node:fs';
import {
  Client,
  Connection,
  defaultGrpcRetryOptions,
  type GrpcRetryOptions,
  makeGrpcRetryInterceptor,
} from '@temporalio/client';
import { searchAttributes } from '../domain/search-attributes.ts';
import type { ServiceSettings } from './config.ts';
import { dataConverterFor } from './payload-codec.ts';
import { clientTracing } from './temporal-tracing.ts';

/** The id of a citizen's workflow. `citizenId` is an opaque UUID. */
export const citizenWorkflowId = (citizenId: string): string => `citizen/${citizenId}`;

/**
 * Retries after a constant pause. The SDK's backoff grows to seconds and ignores the call's deadline, which would delay
 * the 503 of a request.
 */
const grpcRetries: GrpcRetryOptions = { ...defaultGrpcRetryOptions(), delayFunction: () => 200 };

/** The settings of a connection to Temporal. */
export type TemporalSettings = Pick<ServiceSettings, 'TEMPORAL_ADDRESS' | 'TEMPORAL_NAMESPACE'> &
  Partial<
    Pick<
      ServiceSettings,
      'TEMPORAL_TLS_CA' | 'TEMPORAL_TLS_CERT' | 'TEMPORAL_TLS_KEY' | 'TEMPORAL_API_KEY' | 'CLAVE_PAYLOAD_KEY'
    >
  >;

/** Options of both kinds of connection: the client's and the worker's native one. */
export interface TemporalConnectionOptions {
  readonly address: string;
  readonly tls?: {
    serverRootCACertificate?: Buffer;
    clientCertPair?: { crt: Buffer; key: Buffer };
  };
  readonly apiKey?: string;
}

/**
 * Address, TLS and API key. TLS is used if a client certificate, a CA or an API key is set. Files are read once: a renewed
 * certificate needs a restart.
 */
export function temporalConnectionOptions(settings: TemporalSettings): TemporalConnectionOptions {
  const { TEMPORAL_TLS_CA: ca, TEMPORAL_TLS_CERT: crt, TEMPORAL_TLS_KEY: key } = settings;
  const { TEMPORAL_ADDRESS: address, TEMPORAL_API_KEY: apiKey } = settings;
  if (!ca && !(crt && key) && !apiKey) return { address };
  const tls = {
    ...(ca && { serverRootCACertificate: readFileSync(ca) }),
    ...(crt && key && { clientCertPair: { crt: readFileSync(crt), key: readFileSync(key) } }),
  };
  return { address, tls, ...(apiKey && { apiKey }) };
}

/** A client that connects lazily, so that the API can start, and report it, while Temporal is unavailable. */
export function createTemporalClient(settings: TemporalSettings): Client {
  const connection = Connection.lazy({
    ...temporalConnectionOptions(settings),
    interceptors: [makeGrpcRetryInterceptor(grpcRetries)],
  });
  const { TEMPORAL_NAMESPACE: namespace, CLAVE_PAYLOAD_KEY: keys } = settings;
  return new Client({
    connection,
    namespace,
    interceptors: { workflow: clientTracing() },
    ...dataConverterFor(keys),
  });
}

/**
 * Registers the missing search attributes in the namespace. Idempotent.
 * @returns false if the application is not permitted to (Temporal Cloud, or a cluster with authorisation): then an
 * operator registers them (deploy/README.md)
 */
export async function ensureSearchAttributes(
  client: Pick<Client, 'connection'> & { readonly options: Pick<Client['options'], 'namespace'> },
): Promise<boolean> {
  const { namespace } = client.options;
  const { operatorService } = client.connection;
  try {
    const known = await operatorService.listSearchAttributes({ namespace });
    const missing = searchAttributes.filter(({ name }) => !(name in (known.customAttributes ?? {})));
    if (missing.length === 0) return true;
    await operatorService.addSearchAttributes({
      namespace,
      searchAttributes: indexedValueTypesOf(missing),
    });
    return true;
  } catch (error) {
    if (isRefused(error)) return false;
    throw error;
  }
}

/** gRPC status PERMISSION_DENIED or UNIMPLEMENTED. */
const isRefused = (error: unknown): boolean => [7, 12].includes((error as { code?: number }).code ?? 0);

/** `temporal.api.enums.v1.IndexedValueType` of the types in use. */
const indexedValueTypes = { KEYWORD: 2, DATETIME: 6, KEYWORD_LIST: 7 } as const;

/** Search attributes as `addSearchAttributes` takes them: each name with its IndexedValueType. */
export const indexedValueTypesOf = (
  attributes: readonly (typeof searchAttributes)[number][],
): Record<string, number> =>
  Object.fromEntries(attributes.map(({ name, type }) => [name, indexedValueTypes[type]]));
