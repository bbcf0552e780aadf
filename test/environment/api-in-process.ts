import type { Client } from '@temporalio/client';
import { createApp } from '../../api/app.ts';
import { createCitizenClient } from '../../api/citizens/citizen-client.ts';
import { startPasswordBlockOutbox } from '../../api/citizens/password-block-outbox.ts';
import { startSuspensionOutbox } from '../../api/citizens/suspension-outbox.ts';
import { startLogoutNoticeOutbox } from '../../api/gateway/logout-notice-outbox.ts';
import { createApiAdmission } from '../../api/http/admission.ts';
import type { ApiDependencies } from '../../api/http/dependencies.ts';
import { createHttpServer } from '../../api/http/http-server.ts';
import { systemTimer } from '../../api/http/refusal-time.ts';
import { createOtpSmsQueue } from '../../api/identification/otp-sms-queue.ts';
import { createPasswordAttempts } from '../../api/identification/password-attempts.ts';
import { createMetrics } from '../../api/monitoring/metrics.ts';
import { type Readiness, watchReadiness } from '../../api/monitoring/readiness.ts';
import {
  type Argon2Parameters,
  argon2Parameters,
  createPasswordHasher,
  type PasswordHasher,
} from '../../platform/hashing.ts';
import type { SmsSender } from '../../platform/sms-sender.ts';
import type { HeldPort } from './held-port.ts';

/** An API in this process, as `api/main.ts` puts it together. */
export interface ApiInProcess {
  readonly url: string;
  readonly readiness: Readiness;
  /** How often something has been hashed or compared so far. */
  hashed(): number;
  stop(): Promise<void>;
}

/** How often (ms) an outbox looks for what it has to send. Oftener would slow everything else down. */
const outboxesEveryMs = 1_000;

/** A sixtieth of the work: hundreds of citizens set passwords, and `platform/hashing.test.ts` is about the parameters. */
export const quickHashing = { ...argon2Parameters, memoryCost: 256 };

/** Starts an API on a port and waits until it is ready. */
export async function startApi(
  port: HeldPort,
  client: Client,
  {
    sms,
    hashing = quickHashing,
    probesEveryMs,
    ...dependencies
  }: Pick<ApiDependencies, 'db' | 'ring' | 'sealKey' | 'policy' | 'clock' | 'log' | 'settings'> & {
    sms: SmsSender;
    hashing?: Argon2Parameters | undefined;
    probesEveryMs?: number | undefined;
  },
): Promise<ApiInProcess> {
  const { db, ring, policy, clock, log } = dependencies;
  const readiness = watchReadiness(client, db, probesEveryMs);
  const { hasher, hashed } = counting(createPasswordHasher(ring, { parameters: hashing }));
  const citizens = createCitizenClient(client, () => readiness.state.worker);
  const passwordBlockOutbox = startPasswordBlockOutbox({ db, citizens });
  const suspensionOutbox = startSuspensionOutbox({ db, citizens }, outboxesEveryMs);
  const logoutNoticeOutbox = startLogoutNoticeOutbox({ db, client }, outboxesEveryMs);
  const otpSmsQueue = createOtpSmsQueue({ db, ring, sms, policy, log });
  const admission = createApiAdmission();
  const all: ApiDependencies = {
    ...dependencies,
    timer: systemTimer,
    hasher,
    readiness,
    citizens,
    passwordBlockOutbox,
    suspensionOutbox,
    otpSmsQueue,
    passwordAttempts: createPasswordAttempts({ db, hasher, policy, clock }),
    admission,
    metrics: createMetrics({ hasher, db, readiness, admission }),
  };
  const server = createHttpServer(createApp(all), { admission });
  await port.giveTo(server);
  while (!(await fetch(`${port.url}/readyz`)).ok) await new Promise((resolve) => setTimeout(resolve, 50));
  return {
    url: port.url,
    readiness,
    hashed,
    async stop() {
      server.closeAllConnections();
      server.close();
      await readiness.stop();
      passwordBlockOutbox.stop();
      suspensionOutbox.stop();
      await Promise.all([citizens.drain(), otpSmsQueue.drain(), logoutNoticeOutbox.stop()]);
    },
  };
}

function counting(inner: PasswordHasher): { hasher: PasswordHasher; hashed: () => number } {
  let count = 0;
  const enqueue: PasswordHasher['enqueue'] = (work) => {
    count += 1;
    return inner.enqueue(work);
  };
  const hasher: PasswordHasher = {
    enqueue,
    hash: (password) => enqueue(({ hash }) => hash(password)),
    matches: (password, stored) => enqueue(({ matches }) => matches(password, stored)),
    pending: () => inner.pending(),
  };
  return { hasher, hashed: () => count };
}
