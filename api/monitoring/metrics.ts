import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Admission } from '../../platform/admission.ts';
import type { Database } from '../../platform/database.ts';
import type { PasswordHasher } from '../../platform/hashing.ts';
import { createDatabaseGauges, type DatabaseGauges } from './database-gauges.ts';
import type { Readiness } from './readiness.ts';

/** The API's metrics for Prometheus. Labels name routes, kinds and codes, never a person. */
export interface Metrics {
  readonly registry: Registry;
  readonly requests: Histogram<'method' | 'route' | 'status'>;
  readonly problems: Counter<'route' | 'code'>;
}

/** Gauges read from PostgreSQL at each scrape, the same from every API process. */
const databaseGaugeDefinitions: readonly {
  readonly what: keyof DatabaseGauges;
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly string[];
}[] = [
  {
    what: 'journeys',
    name: 'clave_journeys_open',
    help: 'Journeys under way, by kind and by the step at which they wait',
    labelNames: ['kind', 'step'],
  },
  {
    what: 'outcomes',
    name: 'clave_journeys_ended_last_minute',
    help: 'Journeys that ended in the last minute, by kind and outcome',
    labelNames: ['kind', 'outcome'],
  },
  {
    what: 'texts',
    name: 'clave_texts_last_five_minutes',
    help: 'Texts begun in the last five minutes, by purpose and by how they fare',
    labelNames: ['purpose', 'delivery'],
  },
  {
    what: 'blocks',
    name: 'clave_passwords_blocked_last_five_minutes',
    help: 'Passwords that failed sign-ins have blocked in the last five minutes',
    labelNames: [],
  },
  {
    what: 'logoutNotices',
    name: 'clave_logout_notices',
    help: 'Notices of logout that wait, that have waited for an hour, and that were given up in the last day',
    labelNames: ['state'],
  },
];

/** Creates the metrics in a new registry, so that several APIs can run in one process, as in the tests. */
export function createMetrics({
  hasher,
  db,
  readiness,
  admission,
}: {
  hasher: Pick<PasswordHasher, 'pending'>;
  db: Pick<Database, 'pool'>;
  readiness: Pick<Readiness, 'state'>;
  admission: Pick<Admission, 'inProgress' | 'free' | 'arriving' | 'refused'>;
}): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  new Gauge({
    name: 'clave_password_hashing_busy',
    help: 'Passwords that are being hashed or compared, or wait for their turn',
    registers,
    collect() {
      this.set(hasher.pending());
    },
  });
  new Gauge({
    name: 'clave_ready',
    help: '1 if the last probe of the dependency succeeded',
    labelNames: ['part'],
    registers,
    collect() {
      for (const [part, isThere] of Object.entries(readiness.state)) this.set({ part }, Number(isThere));
    },
  });
  new Gauge({
    name: 'clave_database_connections',
    help: 'Connections of this API to PostgreSQL that are in use or idle, and what waits for one',
    labelNames: ['state'],
    registers,
    collect() {
      const { totalCount, idleCount, waitingCount } = db.pool;
      this.set({ state: 'in-use' }, totalCount - idleCount);
      this.set({ state: 'idle' }, idleCount);
      this.set({ state: 'waited-for' }, waitingCount);
    },
  });
  new Gauge({
    name: 'clave_requests_under_way',
    help: 'Requests in progress, slots that are free for more, and requests whose bodies are still arriving',
    labelNames: ['state'],
    registers,
    collect() {
      const { inProgress, free, arriving } = admission;
      this.set({ state: 'in-progress' }, inProgress);
      this.set({ state: 'free' }, free);
      this.set({ state: 'arriving' }, arriving);
    },
  });
  new Counter({
    name: 'clave_turned_away_total',
    help: 'Requests that were refused unread, since too many were under way',
    registers,
    collect() {
      this.reset();
      this.inc(admission.refused);
    },
  });
  const readDatabaseGauges = createDatabaseGauges(db);
  for (const { what, name, help, labelNames } of databaseGaugeDefinitions)
    new Gauge({
      name,
      help,
      registers,
      labelNames: [...labelNames],
      async collect() {
        const counts = (await readDatabaseGauges())[what];
        // Label sets without rows are removed.
        this.reset();
        for (const { labels, count } of counts) this.set({ ...labels }, count);
      },
    });
  return {
    registry,
    requests: new Histogram({
      name: 'clave_http_request_duration_seconds',
      help: 'Requests by route and status',
      labelNames: ['method', 'route', 'status'],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
      registers,
    }),
    problems: new Counter({
      name: 'clave_problems_total',
      help: 'Refusals by route and problem code',
      labelNames: ['route', 'code'],
      registers,
    }),
  };
}
