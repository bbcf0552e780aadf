import type { Client } from '@temporalio/client';
import type { Readiness } from '../../api/monitoring/readiness.ts';
import type { Clock } from '../../domain/clock.ts';
import type { Policy } from '../../domain/policy.ts';
import type { PhoneServer } from '../../local/phone/phone-server.ts';
import type { Database } from '../../platform/database.ts';
import type { Argon2Parameters } from '../../platform/hashing.ts';
import type { KeyRing } from '../../platform/secrets.ts';
import type { ApiInProcess } from './api-in-process.ts';
import type { CertificatesInProcess } from './certificates-in-process.ts';
import { importOncePerWorker } from './import-once-per-worker.ts';
import type { PayloadSettings } from './payload-key.ts';
import type { TestDatabase } from './test-database.ts';
import type { TestTemporal } from './test-temporal.ts';

/** New values are made with the first key; all are accepted for verification. */
export type SecretKeys = ConstructorParameters<typeof KeyRing>[0];

/** The whole service in one process, on a database, a Temporal namespace and a phone: shared, or the file's own. */
export interface Stack {
  readonly url: string;
  readonly officeKey: string;
  readonly frontEndKey: string;
  readonly gatewayKey: string;
  readonly certificateKey: string;
  /** The certificate listener and the card reader, with the option `certificates`. */
  readonly certificates?: CertificatesInProcess | undefined;
  readonly policy: Policy;
  /** Its secret key, and the ring that holds nothing else. */
  readonly key: SecretKeys[0];
  readonly ring: KeyRing;
  readonly db: Database;
  readonly database: TestDatabase;
  readonly temporal: TestTemporal;
  readonly client: Client;
  readonly phone: PhoneServer;
  readonly readiness: Readiness;
  /** The settings with which another process of ours joins in. */
  readonly environment: Readonly<Record<string, string>>;
  /** How often something has been hashed or compared so far. */
  hashed(): number;
  /** Ends the workers as if they had gone; `startWorkers` brings new ones. */
  stopWorkers(): Promise<void>;
  /** `smsKeys`: the secret keys of the worker that sends SMS, if it is to have others. */
  startWorkers(payloadKeys?: PayloadSettings, secretKeys?: SecretKeys, smsKeys?: SecretKeys): Promise<void>;
  /** Starts a worker of notices of logout, which this gateway delivers. Returns what stops it. */
  startGatewayWorker(gatewayUrl: string): Promise<() => Promise<void>>;
  /** Another API beside the first, with these secret keys. */
  startApi(...keys: SecretKeys): Promise<ApiInProcess>;
  stop(): Promise<void>;
}

/** What an API is started with. */
export interface ApiOptions {
  /**
   * The content of a policy file. `startsPerIp` and `requestsPerIp` are out of reach by default. The API sends a journey's limits
   * to the workflow, so that the API's policy is enough; workers themselves read only `limitsOfWorkers`.
   */
  readonly policy?: Record<string, unknown>;
  /** The API's clock. */
  readonly clock?: Clock;
  /** The certificate listener and the card reader, which the API knows of. `fixed`: one host name for all visits. */
  readonly certificates?: boolean | 'fixed';
  /** The product's parameters, for a test of what hashing costs: by default hashes are made quickly. */
  readonly hashing?: Argon2Parameters;
}

/** What makes it a whole service of the file's own. */
export interface BackendOptions {
  /** For a test that needs no other of these, but stops a part of the service or counts what other files may have left. */
  readonly own?: true;
  /** A Temporal server of its own, which a test may stop. */
  readonly ownTemporal?: boolean;
  /** Where a Temporal server of its own keeps its data. */
  readonly temporalFile?: string;
  /** Gets the log of API and workers, at its finest level. */
  readonly logTo?: { write(line: string): void };
  /** The keys with which payloads are encrypted. */
  readonly payload?: PayloadSettings;
}

export type StackOptions = ApiOptions & BackendOptions;

/** Names of a policy file that workers read (`activities/upkeep.ts`, `records/sms.ts`): these need a whole service, too. */
const limitsOfWorkers = ['textsPerSecond', 'phoneCountries', 'upkeep', 'idempotency', 'finishedJourney'];

const backendOptions: Readonly<Record<keyof BackendOptions, true>> = {
  own: true,
  ownTemporal: true,
  temporalFile: true,
  logTo: true,
  payload: true,
};

/**
 * A service that is ready. Without options it is the one that the test files of a Jest worker process share: a test
 * uses citizens of its own there (`newPersonalData()`), and its `stop` only clears the faults of the phone. With options
 * for the API it is that service with an API of the file's own; with any other it is a service of the file's own.
 */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const service = await importOncePerWorker<typeof import('./whole-service.ts')>(
    'test/environment/whole-service.ts',
  );
  const isOwn =
    Object.keys(options).some((name) => name in backendOptions) ||
    Object.keys(options.policy ?? {}).some((name) => limitsOfWorkers.includes(name));
  return isOwn ? service.startOwnStack(options) : service.sharedStack(options);
}
