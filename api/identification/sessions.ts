import type { QueryConfig, QueryResultRow } from 'pg';
import { z } from 'zod';
import { type Assurance, assuranceOf, assurances, type Basis } from '../../domain/assurance.ts';
import type { AuditEvent, AuditStamp } from '../../domain/audit-events.ts';
import type { Clock } from '../../domain/clock.ts';
import { after, before } from '../../domain/durations.ts';
import type { Policy } from '../../domain/policy.ts';
import type { Database, RawTransaction } from '../../platform/database.ts';
import type { ResponseRandomness } from '../../platform/response-randomness.ts';
import type { KeyRing } from '../../platform/secrets.ts';
import { auditParameters, auditPlaceholders, insertIntoAudit } from '../../records/audit.ts';
import {
  type InsertedSession,
  insertedSession,
  insertSessionCtes,
  insertSessionParameterCount,
  insertSessionParameters,
  isCredentialInForce,
  type SessionInsert,
  selectInsertedSession,
} from '../../records/sessions.ts';
import { instant } from '../http/fields.ts';
import type { Slot } from './failed-attempt-slots.ts';
import { browserToken } from './known-browser.ts';
import type { LockedPassword } from './password-attempts.ts';

/** The `Session` of the HTTP contract. */
export const sessionSchema = z.object({
  assurance: z.enum(assurances),
  expiresAt: instant.meta({ description: 'The absolute limit; unused, it ends sooner.' }),
  previousAccess: instant
    .nullable()
    .meta({ description: 'The sign-in before this one, to be shown to the citizen.' }),
});
/** A session in the reply that opens it, the only one with the tokens. */
export const openedSessionSchema = sessionSchema
  .extend({
    token: z.string().meta({ description: 'Sent as `Authorization: Bearer`. Told once.' }),
    browserToken: z.string().optional().meta({
      description:
        'Kept by the browser and sent as `browser` with its next sign-ins, so that strangers at the same address cannot shut it out. Opens nothing. Told once.',
    }),
  })
  .meta({ id: 'OpenedSession' });

/** The row of an open session. */
export interface StoredSession extends InsertedSession {
  readonly id: string;
  readonly citizenId: string;
  readonly basis: Basis;
  readonly credentialId: string;
  readonly assurance: Assurance;
  /** The relying party that it is bound to; null: a session of the pages. */
  readonly relyingPartyId: string | null;
}

/** A session that identifies to its relying party, once, and opens nothing else (docs/adr/0048). */
export type BoundSession = StoredSession & { readonly relyingPartyId: string };

export const isBound = (session: StoredSession): session is BoundSession => session.relyingPartyId !== null;

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

/**
 * Presents a session in the reply that opens it. A repetition gets the same tokens: they derive from the randomness. The token
 * of the browser belongs to the password: a certificate gives none.
 */
export const presentOpenedSession = (
  session: StoredSession,
  randomness: ResponseRandomness,
  { ring }: { ring: KeyRing },
) => ({
  ...presentSession(session),
  token: randomness.token('session'),
  ...(session.basis === 'password' && { browserToken: browserToken(session, randomness, ring) }),
});

/** A session to open for a password whose row is locked. */
interface NewSession {
  readonly id: string;
  readonly citizenId: string;
  readonly tokenDigest: string;
  readonly password: Pick<LockedPassword, 'id' | 'expiresAt' | 'registrationLevel'>;
  readonly requestId: string;
  readonly relyingPartyId: string | null;
  /** It is released, since the sign-in did not fail. */
  readonly slot: Slot | undefined;
}

/**
 * Opens a session for the password alone, audits the sign-in and releases the failed-attempt slot, in the last statement of
 * the transaction. The session ends with the password at the latest. If the same request has opened it before and its reply
 * was lost, the row stays unchanged: a retry is not a previous access.
 */
export async function openPasswordSession(
  tx: RawTransaction,
  { id, citizenId, tokenDigest, password, requestId, relyingPartyId, slot }: NewSession,
  { policy, clock }: { policy: Policy; clock: Clock },
): Promise<StoredSession> {
  const startedAtMs = clock.now();
  const means = 'password';
  const assurance = assuranceOf(means, password.registrationLevel);
  const credentialId = password.id;
  const session = { id, citizenId, basis: 'password', credentialId, assurance, relyingPartyId } as const;
  const { rows } = await tx.commitWith<InsertedSession & QueryResultRow>({
    name: 'open-session',
    text: openPasswordSessionStatement,
    values: [
      ...insertSessionParameters({
        ...session,
        means,
        tokenDigest,
        startedAtMs,
        endsAtMs: after(startedAtMs, policy.session.absolute),
        credentialExpiresAt: password.expiresAt,
      }),
      // Only what this attempt inserted; without an address nothing is deleted.
      slot?.isNew ? slot.address : null,
      slot?.id,
      ...auditParameters({ type: 'signed-in', assurance }, { id, citizenId, requestId }),
    ],
  });
  return { ...session, ...insertedSession(rows) };
}

/**
 * The statement that opens a session and audits the sign-in. The caller has locked the credential, and the citizen before it.
 * A session that the same request has opened before is returned as it is.
 */
export const openSessionStatement = (
  session: SessionInsert,
  event: Extract<AuditEvent, { type: 'signed-in' }>,
  stamp: AuditStamp,
): QueryConfig => ({
  name: 'open-identified-session',
  text: `
    WITH ${insertSessionCtes},
    audited AS (
      ${insertIntoAudit} VALUES (${auditPlaceholders(insertSessionParameterCount + 1)}) ON CONFLICT DO NOTHING)
    ${selectInsertedSession}`,
  values: [...insertSessionParameters(session), ...auditParameters(event, stamp)],
});

const openPasswordSessionStatement = `
  WITH ${insertSessionCtes},
  returned AS (DELETE FROM "FailedId" WHERE address = $${insertSessionParameterCount + 1} AND id = $${insertSessionParameterCount + 2} AND NOT failed),
  audited AS (
    ${insertIntoAudit}
    VALUES (${auditPlaceholders(insertSessionParameterCount + 3)}) ON CONFLICT DO NOTHING)
  ${selectInsertedSession}`;

/**
 * Finds the open session of a token and restarts its idle limit. One statement checks both limits, and that the
 * credential on which it rests is in force.
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
      WHERE "tokenDigest" = $1 AND "endsAt" > $2 AND "lastUsedAt" > $3 AND ${isCredentialInForce('$2')}
      RETURNING id, "citizenId", basis, "credentialId", assurance, "relyingPartyId", "startedAt", "endsAt",
        "previousAccessAt"`,
    values: [tokenDigest, now, idleSince],
  });
  return rows[0];
}
