import { parseArgs } from 'node:util';
import { Client } from 'pg';
import { before, isDuration } from '../domain/durations.ts';
import { readServiceSettings, SettingsError } from '../platform/config.ts';
import { isIdentification } from '../records/identifications.ts';
import { destroyExpired } from '../records/retention.ts';

const usage = `usage:
  npm run audit -- --citizen <id>    everything about one citizen; the id is what POST /citizen-lookups gives
  npm run audit -- --since <when>    everything since an instant (2026-11-23T09:00:00Z) or for a time (PT2H, P1D)
  npm run audit -- --open            the sign-ins under way that wait for an SMS code
  npm run audit -- --destroy-due     destroys what has been kept long enough (policy: auditTrail)
`;

interface AuditRow {
  readonly at: Date;
  readonly type: string;
  readonly detail: Readonly<Record<string, unknown>>;
  readonly citizenId: string | null;
  readonly journeyId: string | null;
  readonly officer: string | null;
  readonly ip: string | null;
  readonly userAgent: string | null;
  /** Of the request, or of the act; of `certificate-accepted`, the one that was accepted. */
  readonly certificate: string | null;
}

/**
 * `npm run audit`: prints the audit trail. It connects as the owner of the database, since the application's role may
 * only insert. @returns the exit code
 */
async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      citizen: { type: 'string' },
      since: { type: 'string' },
      open: { type: 'boolean' },
      'destroy-due': { type: 'boolean' },
    },
  });
  const { DATABASE_OWNER_URL, DATABASE_URL } = readServiceSettings();
  const client = new Client({ connectionString: DATABASE_OWNER_URL ?? DATABASE_URL });
  await client.connect();
  try {
    if (values['destroy-due']) {
      process.stdout.write(`${await destroyDue(client)} events destroyed\n`);
      return 0;
    }
    if (values.open) {
      for (const row of await readOpen(client)) process.stdout.write(`${formatOpen(row)}\n`);
      return 0;
    }
    const since = values.since === undefined ? new Date(0) : parseInstant(values.since);
    const isWellFormed = values.citizen === undefined || /^[0-9a-f-]{36}$/i.test(values.citizen);
    if ((!values.citizen && !values.since) || !isWellFormed || !since) {
      process.stderr.write(usage);
      return 2;
    }
    for (const row of await readTrail(client, since, values.citizen))
      process.stdout.write(`${formatRow(row)}\n`);
    return 0;
  } finally {
    await client.end();
  }
}

/** An identification that is open, with the delivery of its latest SMS code. */
interface OpenRow {
  readonly startedAt: Date;
  readonly kind: string;
  readonly citizenId: string;
  readonly id: string;
  readonly otpWrong: number;
  readonly otpSends: number;
  readonly delivery: string | null;
  readonly expiresAt: Date;
}

/** They are rows of PostgreSQL and no workflows, so the Temporal UI does not show them (docs/adr/0031). */
async function readOpen(client: Client): Promise<OpenRow[]> {
  const { rows } = await client.query<OpenRow>(
    `SELECT journey."startedAt", journey.kind, journey."citizenId", journey.id, journey."otpWrong", journey."otpSends",
            text.delivery, journey."expiresAt"
     FROM "Journey" journey
     LEFT JOIN "Text" text ON text."journeyId" = journey.id AND text.number = journey."otpNumber"
     WHERE ${isIdentification} AND journey."finishedAt" IS NULL AND journey."expiresAt" > now()
     ORDER BY journey."startedAt"`,
  );
  return rows;
}

const formatOpen = ({ startedAt, kind, expiresAt, ...row }: OpenRow): string =>
  [
    startedAt.toISOString(),
    kind.padEnd(26),
    `citizen=${row.citizenId}  journey=${row.id}  wrong=${row.otpWrong}  sends=${row.otpSends}`,
    `delivery=${row.delivery ?? 'none'}  until=${expiresAt.toISOString()}`,
  ].join('  ');

/** Runs the workers' upkeep of the trail now, in batches, until nothing is due. Returns the number of events destroyed. */
async function destroyDue(client: Client): Promise<number> {
  let events = 0;
  for (let count = 1; count > 0; events += count) count = await destroyExpired(client, 'destroy_due_audit');
  while ((await destroyExpired(client, 'destroy_unneeded_requests')) > 0);
  while ((await destroyExpired(client, 'destroy_due_identification_requests')) > 0);
  return events;
}

/** An instant, or now minus a duration. */
const parseInstant = (text: string): Date | undefined => {
  if (isDuration(text)) return new Date(before(Date.now(), text));
  return Number.isNaN(Date.parse(text)) ? undefined : new Date(text);
};

async function readTrail(client: Client, since: Date, citizenId: string | undefined): Promise<AuditRow[]> {
  const { rows } = await client.query<AuditRow>(
    `SELECT event.at, event.type, event.detail, event."citizenId", event."journeyId",
            officer.name || ', ' || officer.office AS officer, request.ip, request."userAgent",
            CASE WHEN event.type = 'certificate-accepted' THEN split_part(event.id, '/', 1)
              ELSE coalesce(used.detail ->> 'certificate', act."certificateId"::text) END AS certificate
     FROM "AuditEvent" event
     LEFT JOIN "Officer" officer ON officer.id = event."officerId"
     LEFT JOIN "Request" request ON request.id = event."requestId"
     LEFT JOIN "AuditEvent" used ON used."requestId" = event."requestId" AND used.type = 'certificate-used'
     LEFT JOIN "RegistrationAct" act
       ON act.id = CASE WHEN event.type = 'citizen-registered' THEN split_part(event.id, '/', 1)::uuid END
     WHERE event.at >= $1 AND ($2::uuid IS NULL OR event."citizenId" = $2::uuid)
     ORDER BY event.at, event.id`,
    [since, citizenId ?? null],
  );
  return rows;
}

function formatRow({
  at,
  type,
  detail,
  citizenId,
  journeyId,
  officer,
  ip,
  userAgent,
  certificate,
}: AuditRow): string {
  const fields = {
    ...detail,
    citizen: citizenId,
    journey: journeyId,
    officer,
    certificate,
    from: ip,
    browser: userAgent || null,
  };
  const known = Object.entries(fields).filter(([, value]) => value !== null);
  const pairs = known.map(
    ([name, value]) => `${name}=${typeof value === 'string' ? printable(value) : value}`,
  );
  return `${at.toISOString()}  ${type.padEnd(26)}  ${pairs.join('  ')}`;
}

/** Replaces control characters: a client chooses its user agent, which must not control the operator's terminal. */
const printable = (text: string): string => {
  const safe = text.replace(/\p{C}/gu, '?');
  return /\s/.test(safe) ? JSON.stringify(safe) : safe;
};

// The process ends by itself, once all is written: `process.exit` would cut off what a pipe has not taken yet.
try {
  process.exitCode = await main();
} catch (error) {
  const why = error instanceof Error ? error.message : String(error);
  const lines = error instanceof SettingsError ? error.lines : [why, usage];
  process.stderr.write(`${lines.join('\n')}\n`);
  process.exitCode = 1;
}
