import type { Clock } from '../../domain/clock.ts';
import type { Policy } from '../../domain/policy.ts';
import type { Admission } from '../../platform/admission.ts';
import type { SealKey } from '../../platform/cades-signature.ts';
import type { ServiceSettings } from '../../platform/config.ts';
import type { Database } from '../../platform/database.ts';
import type { PasswordHasher } from '../../platform/hashing.ts';
import type { Logger } from '../../platform/log.ts';
import type { KeyRing } from '../../platform/secrets.ts';
import type { CitizenClient } from '../citizens/citizen-client.ts';
import type { PasswordBlockOutbox } from '../citizens/password-block-outbox.ts';
import type { SuspensionOutbox } from '../citizens/suspension-outbox.ts';
import type { OtpSmsQueue } from '../identification/otp-sms-queue.ts';
import type { PasswordAttempts } from '../identification/password-attempts.ts';
import type { Metrics } from '../monitoring/metrics.ts';
import type { Readiness } from '../monitoring/readiness.ts';
import type { Timer } from './refusal-time.ts';

/** The dependencies of the API, composed in `main.ts` and by the test environment. */
export interface ApiDependencies {
  readonly settings: Pick<
    ServiceSettings,
    | 'CERTIFICATE_HOSTS'
    | 'CERTIFICATE_KEY'
    | 'CERTIFICATE_URL'
    | 'CLAVE_SUBJECT_KEY'
    | 'CORS_ORIGINS'
    | 'FRONT_END_KEY'
    | 'GATEWAY_KEY'
    | 'GATEWAY_URL'
    | 'METRICS_KEY'
    | 'OLDER_CARD_URL'
    | 'PORTAL_URL'
    | 'TRUST_PROXY'
    | 'TWILIO_AUTH_TOKEN'
    | 'TWILIO_STATUS_CALLBACK_URL'
    | 'WORKER_METRICS_PORT'
  >;
  readonly policy: Policy;
  readonly clock: Clock;
  /** By which uniform refusals leave. */
  readonly timer: Timer;
  readonly db: Database;
  readonly ring: KeyRing;
  /** With what receipts and evidence are sealed; undefined: no act with a certificate is possible. */
  readonly sealKey: SealKey | undefined;
  readonly citizens: CitizenClient;
  readonly readiness: Readiness;
  readonly hasher: PasswordHasher;
  readonly passwordAttempts: PasswordAttempts;
  readonly otpSmsQueue: OtpSmsQueue;
  readonly passwordBlockOutbox: PasswordBlockOutbox;
  readonly admission: Pick<Admission, 'isExhausted'>;
  readonly suspensionOutbox: SuspensionOutbox;
  readonly metrics: Metrics;
  readonly log: Logger;
}
