import { otpIn } from '../../local/phone/phone-client.ts';
import type { Citizen } from './citizen.ts';
import type { SmsInbox } from './sms-inbox.ts';
import type { Store } from './store.ts';

/** The rows of one citizen in PostgreSQL, summed up. */
export interface Rows {
  readonly id: string;
  readonly status: string;
  readonly expiresAt: Date | null;
  readonly passwords: number;
  readonly blocked: boolean;
  readonly failures: number | null;
  readonly staged: number;
  readonly journeys: number;
  readonly unfinished: number;
  readonly smsMessages: { id: string; delivery: string; purpose: string }[];
  readonly audit: { id: string; type: string; detail: Record<string, unknown> }[];
}

/** The rows of all citizens, by citizen id. */
export async function readRows(store: Store): Promise<Map<string, Rows>> {
  const rows = await store.rows<Rows>(`
    SELECT c.id, p."expiresAt", p."failuresInARow" AS failures, p."blockedAt" IS NOT NULL AS blocked,
      CASE WHEN c."unsubscribedAt" IS NOT NULL THEN 'unsubscribed' WHEN c."suspendedAt" IS NOT NULL THEN 'suspended'
        WHEN p.id IS NULL THEN 'registered' WHEN p."expiresAt" < now() THEN 'expired' ELSE 'active' END AS status,
      (SELECT count(*)::int FROM "Password" WHERE "citizenId" = c.id) AS passwords,
      (SELECT count(*)::int FROM "StagedPassword" WHERE "citizenId" = c.id) AS staged,
      (SELECT count(*)::int FROM "Journey" WHERE "citizenId" = c.id) AS journeys,
      (SELECT count(*)::int FROM "Journey" WHERE "citizenId" = c.id AND "finishedAt" IS NULL) AS unfinished,
      (SELECT coalesce(json_agg(json_build_object('id', id, 'delivery', delivery, 'purpose', purpose)), '[]')
        FROM "Text" WHERE "citizenId" = c.id) AS "smsMessages",
      (SELECT coalesce(json_agg(json_build_object('id', id, 'type', type, 'detail', detail)), '[]')
        FROM "AuditEvent" WHERE "citizenId" = c.id) AS audit
    FROM "Citizen" c LEFT JOIN "Password" p ON p."citizenId" = c.id`);
  return new Map(rows.map((row) => [row.id, row]));
}

/** Findings about the rows of a citizen, in words. */
export function* wrongRows(citizen: Citizen, rows: Rows): Generator<string> {
  const isSet = citizen.password !== undefined;
  if (rows.status !== citizen.status) yield `PostgreSQL says ${rows.status}, not ${citizen.status}`;
  if (rows.passwords !== (isSet ? 1 : 0)) yield `${rows.passwords} passwords`;
  if (rows.blocked !== citizen.blocked.includes('password')) yield `the password is blocked: ${rows.blocked}`;
  const failures = citizen.status === 'active' && rows.blocked ? citizen.failures : 0;
  if (isSet && rows.failures !== failures)
    yield `${rows.failures} failed sign-ins are counted, not ${failures}`;
  if (rows.staged > 0) yield `${rows.staged} staged passwords are left`;
  if (rows.journeys !== citizen.journeysStarted)
    yield `${rows.journeys} journeys, ${citizen.journeysStarted} were begun`;
  if (rows.unfinished > 0) yield `${rows.unfinished} journeys are not finished`;
  const waiting = rows.smsMessages.filter(({ delivery }) => delivery === 'pending');
  for (const { purpose } of waiting) yield `the text ${purpose} is still pending`;
  yield* wrongAudit(citizen, rows);
}

/** Each requested SMS code must be audited once as sent or not sent; every other event as often as it happened. */
function* wrongAudit(citizen: Citizen, { smsMessages, audit }: Rows): Generator<string> {
  const ids = new Set(audit.map(({ id }) => id));
  for (const { id } of smsMessages.filter(({ purpose }) => purpose.startsWith('otp.'))) {
    const said = ['otp-sent', 'otp-not-sent'].filter((type) => ids.has(`${id}/${type}`));
    if (said.length !== 1) yield `a text's trail says [${said}]`;
  }
  const found = new Map<string, number>();
  // A citizen whose code was lost asks for another until it is sent: too early, that is a limit.
  const asked = ['otp-sent', 'otp-not-sent', 'limit-reached'];
  for (const event of audit.filter(({ type }) => !asked.includes(type)))
    found.set(nameOf(event), (found.get(nameOf(event)) ?? 0) + 1);
  for (const name of new Set([...found.keys(), ...citizen.audit.keys()])) {
    const { least, most } = citizen.audit.get(name) ?? { least: 0, most: 0 };
    const count = found.get(name) ?? 0;
    if (count < least || count > most) yield `audited ${count} times instead of ${least}: ${name}`;
  }
}

const nameOf = ({ type, detail }: Rows['audit'][number]): string => {
  const { again, reason, kind, outcome, notice, by, assurance } = detail;
  const words = [again, reason, kind, outcome, notice, by, assurance].filter((word) => word !== undefined);
  return [type, ...words.map(String)].join(' ');
};

/** Compares the telephone with the rows: at most as many different codes as sends. A repeated code is only counted. */
export function smsFindings(
  citizen: Citizen,
  { smsMessages }: Rows,
  inbox: SmsInbox,
): { repeats: number; wrong: string[] } {
  const received = inbox.to(citizen.data.phone);
  const codes = received.flatMap(({ body }) => otpIn(body) ?? []);
  const different = new Set(codes).size;
  const sends = smsMessages.filter(({ purpose }) => purpose.startsWith('otp.')).length;
  const wrong = different > sends ? [`${different} different SMS codes for ${sends} sends`] : [];
  const notices = Math.max(0, received.length - codes.length - (smsMessages.length - sends));
  return { repeats: codes.length - different + notices, wrong };
}

/** Counters of the SMS allowance that differ from the SMS that were sent. */
export const wrongAllowances = (store: Store): Promise<{ used: number; sent: number }[]> =>
  store.rows(`
    SELECT a.used, count(t.id)::int AS sent FROM "TextAllowance" a
    LEFT JOIN "Text" t ON a.key IN (t.allowance, t."personAllowance") AND t.delivery <> 'failed'
    GROUP BY a.key HAVING a.used <> count(t.id)`);
