import { z } from 'zod';
import type { Clock } from '../../domain/clock.ts';
import { after, before } from '../../domain/durations.ts';
import type { Policy } from '../../domain/policy.ts';
import type { Database, RawTransaction } from '../../platform/database.ts';
import { auditParameters, auditPlaceholders, insertIntoAudit } from '../../records/audit.ts';
import {
  insertSessionCtes,
  insertSessionParameterCount,
  insertSessionParameters,
} from '../../records/sessions.ts';
import { instant } from '../http/fields.ts';
import type { SlotKey } from './failed-attempt-slots.ts';

export const assurances = ['basic', 'substantial'] as const;
export type Assurance = (typeof assurances)[number];

/** The `Session` of the HTTP contract. */
export const sessionSchema = z.object({
  assurance: z.enum(assurances),
  expiresAt: instant.meta({ description: 'The absolute limit; unused, it ends sooner.' }),
  previousAccess: instant
    .nullable()
    .meta({ description: 'The sign-in before this one, to be shown to the citizen.' }),
});
/** A session in the reply that opens it, the only one with the token. */
export const openedSessionSchema = sessionSchema
  .extend({ token: z.string().meta({ description: 'Sent as `Authorization: Bearer`. Told once.' }) })
  .meta({ id: 'OpenedSession' });

/** The row of an open session. */
export interface StoredSession {
  readonly id: string;
  readonly citizenId: string;
  readonly passwordId: string;
  readonly assurance: Assurance;
  readonly endsAt: Date;
  readonly previousAccessAt: Date | null;
}

/** Presents a session's row. */
export const presentSession = ({
  assurance,
  endsAt,
  previousAccessAt,
}: Pick<StoredSession, 'assurance' | 'endsAt' | 'previousAccessAt'>) => ({
  assurance,
  expiresAt: endsAt.toISOString(),
  previousAccess: previousAccessAt?.toISOString() ?? null,
});

/** A session to open for a password whose row is locked. */
export interface NewSession {
  readonly id: string;
  readonly citizenId: string;
  readonly tokenDigest: string;
  readonly password: { readonly id: string; readonly expiresAt: Date };
  readonly requestId: string;
  /** The failed-attempt slot that this sign-in inserted: it is released, since the sign-in did not fail. */
  readonly slot: SlotKey | undefined;
}

/**
 * Opens a session of assurance `basic`, audits the sign-in and releases the failed-attempt slot, in the last statement of the transaction. The
 * session ends with the password at the latest. If the same request has opened it before and its reply was lost, the row
 * stays unchanged: a retry is not a previous access.
 */
export async function openBasicSession(
  tx: RawTransaction,
  { id, citizenId, tokenDigest, password, requestId, slot }: NewSession,
  { policy, clock }: { policy: Policy; clock: Clock },
): Promise<StoredSession> {
  const startedAtMs = clock.now();
  const session = { id, citizenId, passwordId: password.id, assurance: 'basic' as const };
  const { rows } = await tx.commitWith<Pick<StoredSession, 'endsAt' | 'previousAccessAt'>>({
    name: 'open-session',
    text: openBasicSessionStatement,
    values: [
      ...insertSessionParameters({
        ...session,
        tokenDigest,
        startedAtMs,
        endsAtMs: after(startedAtMs, policy.session.absolute),
        passwordExpiresAt: password.expiresAt,
      }),
      slot?.address,
      slot?.id,
      ...auditParameters({ type: 'signed-in', assurance: 'basic' }, { id, citizenId, requestId }),
    ],
  });
  const [opened] = rows;
  if (!opened) throw new Error('the session was neither opened nor found');
  return { ...session, ...opened };
}

const openBasicSessionStatement = `
  WITH ${insertSessionCtes},
  returned AS (DELETE FROM "FailedId" WHERE address = $${insertSessionParameterCount + 1} AND id = $${insertSessionParameterCount + 2} AND NOT failed),
  audited AS (
    ${insertIntoAudit}
    VALUES (${auditPlaceholders(insertSessionParameterCount + 3)}) ON CONFLICT DO NOTHING)
  SELECT "endsAt", "previousAccessAt" FROM opened UNION ALL SELECT "endsAt", "previousAccessAt" FROM known`;

/**
 * Finds the open session of a token and restarts its idle limit. One statement checks both limits, and that the password
 * with which it was opened is in force and not blocked.
 */
export async function useSession(
  db: Database,
  tokenDigest: string,
  { policy, clock }: { policy: Policy; clock: Clock },
): Promise<StoredSession | undefined> {
  const now = new Date(clock.now());
  const idleSince = new Date(before(clock.now(), policy.session.idle));
  const { rows } = await db.pool.query<StoredSession>({
    name: 'use-session',
    text: `
      UPDATE "Session" session SET "lastUsedAt" = $2
      FROM "Password" password
      WHERE session."tokenDigest" = $1 AND session."endsAt" > $2 AND session."lastUsedAt" > $3
        AND password.id = session."passwordId" AND password."blockedAt" IS NULL AND password."expiresAt" > $2
      RETURNING session.id, session."citizenId", session."passwordId", session.assurance, session."endsAt", session."previousAccessAt"`,
    values: [tokenDigest, now, idleSince],
  });
  return rows[0];
}
