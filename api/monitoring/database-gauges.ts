import type { Database } from '../../platform/database.ts';

/** How many there are of something, by what tells them apart. */
export interface GaugeSample {
  readonly labels: Readonly<Record<string, string>>;
  readonly count: number;
}

/** What only PostgreSQL knows, whichever process did it. The same from every API: take the largest, add nothing up. */
export interface DatabaseGauges {
  /** Journeys under way, by `kind` and `step`. */
  readonly journeys: readonly GaugeSample[];
  /** Journeys that ended in the last minute, by `kind` and `outcome`. */
  readonly outcomes: readonly GaugeSample[];
  /** Texts begun in the last five minutes, by `purpose` (otp, notice, reminder) and `delivery`. */
  readonly texts: readonly GaugeSample[];
  /** Passwords blocked in the last five minutes. */
  readonly blocks: readonly GaugeSample[];
}

const noSamples: DatabaseGauges = { journeys: [], outcomes: [], texts: [], blocks: [] };

/** A counted set stays good for so long: however many scrape, PostgreSQL is asked once. */
const cacheTtlMs = 5_000;

const statement = `
  SELECT 'journeys' AS what, json_build_object('kind', kind, 'step', step) AS labels, count(*)::int
  FROM (SELECT kind, CASE WHEN "confirmedAt" IS NULL THEN 'otp' ELSE 'password' END AS step
        FROM "Journey" WHERE "finishedAt" IS NULL) open GROUP BY kind, step
  UNION ALL
  SELECT 'outcomes', json_build_object('kind', kind, 'outcome', outcome), count(*)::int
  FROM "Journey" WHERE "finishedAt" > now() - interval '1 minute' GROUP BY kind, outcome
  UNION ALL
  SELECT 'texts', json_build_object('purpose', purpose, 'delivery', delivery), count(*)::int
  FROM (SELECT split_part(purpose, '.', 1) AS purpose, delivery
        FROM "Text" WHERE "createdAt" > now() - interval '5 minutes') lately GROUP BY purpose, delivery
  UNION ALL
  SELECT 'blocks', '{}'::json, count(*)::int
  FROM "Password" WHERE "blockedAt" > now() - interval '5 minutes'`;

/** Counts, at most every few seconds. While PostgreSQL does not answer there is nothing to tell, and nothing is told. */
export function createDatabaseGauges({ pool }: Pick<Database, 'pool'>): () => Promise<DatabaseGauges> {
  let latest: Promise<DatabaseGauges> = Promise.resolve(noSamples);
  let askedAt = Number.NEGATIVE_INFINITY;
  return () => {
    if (performance.now() - askedAt > cacheTtlMs) {
      askedAt = performance.now();
      latest = read(pool).catch(() => noSamples);
    }
    return latest;
  };
}

async function read(pool: Database['pool']): Promise<DatabaseGauges> {
  const { rows } = await pool.query<GaugeSample & { what: keyof DatabaseGauges }>({
    name: 'population',
    text: statement,
  });
  const of = (what: keyof DatabaseGauges) => rows.filter((row) => row.what === what);
  return { journeys: of('journeys'), outcomes: of('outcomes'), texts: of('texts'), blocks: of('blocks') };
}
