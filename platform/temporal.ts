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

/** The id of a citizen's workflow: an opaque UUID, nothing that names a person. */
export const citizenWorkflowId = (citizenId: string): string => `citizen/${citizenId}`;

/**
 * What Temporal refuses is tried again soon. The client's own pauses grow to seconds, and a deadline does not cut them
 * short: whoever waits would be told late that Temporal is away.
 */
const grpcRetries: GrpcRetryOptions = { ...defaultGrpcRetryOptions(), delayFunction: () => 200 };

/** Where Temporal is, and what is shown to it. */
export type TemporalSettings = Pick<ServiceSettings, 'TEMPORAL_ADDRESS' | 'TEMPORAL_NAMESPACE'> &
  Partial<
    Pick<
      ServiceSettings,
      'TEMPORAL_TLS_CA' | 'TEMPORAL_TLS_CERT' | 'TEMPORAL_TLS_KEY' | 'TEMPORAL_API_KEY' | 'CLAVE_PAYLOAD_KEY'
    >
  >;

/** What both kinds of connection, the client's and the worker's native one, are told of the way to Temporal. */
export interface TemporalConnectionOptions {
  readonly address: string;
  readonly tls?: {
    serverRootCACertificate?: Buffer;
    clientCertPair?: { crt: Buffer; key: Buffer };
  };
  readonly apiKey?: string;
}

/**
 * The way to Temporal: in the clear, unless a certificate, an authority of one's own or an API key is set; each of them
 * means TLS. A certificate is read once: a process learns of a renewed one by starting again.
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

/** Connects lazily: an API may start, and say what it lacks, while Temporal is away. */
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
 * Makes the namespace know our search attributes. Those that it knows stay; safe to repeat.
 * @returns false where an application may not (Temporal Cloud, or a cluster that says who may): then they must be there,
 * made by an operator (deploy/README.md).
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
      searchAttributes: Object.fromEntries(
        missing.map(({ name, type }) => [name, indexedValueTypes[type] ?? 0]),
      ),
    });
    return true;
  } catch (error) {
    if (isRefused(error)) return false;
    throw error;
  }
}

/** gRPC's PERMISSION_DENIED and UNIMPLEMENTED. */
const isRefused = (error: unknown): boolean => [7, 12].includes((error as { code?: number }).code ?? 0);

/** Temporal's numbers for the types that we use (IndexedValueType). */
const indexedValueTypes: Readonly<Record<string, number>> = { KEYWORD: 2, DATETIME: 6, KEYWORD_LIST: 7 };
