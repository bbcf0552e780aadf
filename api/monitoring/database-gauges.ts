import type { Database } from '../../platform/database.ts';
import { isIdentification } from '../../records/identifications.ts';

/** The value of a gauge for one set of labels. */
export interface GaugeSample {
  readonly labels: Readonly<Record<string, string>>;
  readonly count: number;
}

/**
 * Gauges counted in PostgreSQL, whichever process changed it. Every API process exports the same values: aggregate them
 * with `max`, not `sum`.
 */
export interface DatabaseGauges {
  /** Open journeys, by `kind` and `step`. */
  readonly journeys: readonly GaugeSample[];
  /** Journeys that ended in the last minute, by `kind` and `outcome`. */
  readonly outcomes: readonly GaugeSample[];
  /** SMS messages of the last five minutes, by `purpose` (otp, notice, reminder) and `delivery`. */
  readonly texts: readonly GaugeSample[];
  /** Passwords blocked in the last five minutes. */
  readonly blocks: readonly GaugeSample[];
  /** Notices of logout, by `state`: waiting, late after an hour, and those of the last day that were given up. */
  readonly logoutNotices: readonly GaugeSample[];
}

const noSamples: DatabaseGauges = { journeys: [], outcomes: [], texts: [], blocks: [], logoutNotices: [] };

/** Results are cached for so long (ms), however many clients scrape. */
const cacheTtlMs = 5_000;

const countStatement = `
  SELECT 'journeys' AS what, json_build_object('kind', kind, 'step', step) AS labels, count(*)::int
  FROM (SELECT kind, CASE WHEN "confirmedAt" IS NULL THEN 'otp' ELSE 'password' END AS step
        FROM "Journey" WHERE "finishedAt" IS NULL AND (NOT (${isIdentification}) OR "expiresAt" > now())) open GROUP BY kind, step
  UNION ALL
  SELECT 'outcomes', json_build_object('kind', kind, 'outcome', outcome), count(*)::int
  FROM "Journey" WHERE "finishedAt" > now() - interval '1 minute' GROUP BY kind, outcome
  UNION ALL
  SELECT 'texts', json_build_object('purpose', purpose, 'delivery', delivery), count(*)::int
  FROM (SELECT split_part(purpose, '.', 1) AS purpose, delivery
        FROM "Text" WHERE "createdAt" > now() - interval '5 minutes') lately GROUP BY purpose, delivery
  UNION ALL
  SELECT 'blocks', '{}'::json, count(*)::int
  FROM "Password" WHERE "blockedAt" > now() - interval '5 minutes'
  UNION ALL
  SELECT 'logoutNotices', json_build_object('state', state), count(*)::int
  FROM (SELECT CASE WHEN "failedAt" IS NOT NULL THEN 'failed'
          WHEN "createdAt" < now() - interval '1 hour' THEN 'late' ELSE 'waiting' END AS state
        FROM "LogoutNotice" WHERE "deliveredAt" IS NULL
          AND ("failedAt" IS NULL OR "failedAt" > now() - interval '1 day')) notices GROUP BY state`;

/** Reads the gauges, from the cache within its TTL. While PostgreSQL does not answer there are no samples. */
export function createDatabaseGauges({ pool }: Pick<Database, 'pool'>): () => Promise<DatabaseGauges> {
  let latest: Promise<DatabaseGauges> = Promise.resolve(noSamples);
  let queriedAt = Number.NEGATIVE_INFINITY;
  return () => {
    if (performance.now() - queriedAt > cacheTtlMs) {
      queriedAt = performance.now();
      latest = read(pool).catch(() => noSamples);
    }
    return latest;
  };
}

async function read(pool: Database['pool']): Promise<DatabaseGauges> {
  const { rows } = await pool.query<GaugeSample & { what: keyof DatabaseGauges }>({
    name: 'database-gauges',
    text: countStatement,
  });
  const of = (what: keyof DatabaseGauges) => rows.filter((row) => row.what === what);
  return {
    ...{ journeys: of('journeys'), outcomes: of('outcomes'), texts: of('texts'), blocks: of('blocks') },
    logoutNotices: of('logoutNotices'),
  };
}
