import type { Clock } from '../domain/clock.ts';
import { after, before } from '../domain/durations.ts';
import type { Policy } from '../domain/policy.ts';
import { idleLimit } from '../domain/session-limits.ts';
import type { Database } from '../platform/database.ts';
import { audit } from './audit.ts';

/** An officer who was identified by the key in force. */
export interface OfficerKey {
  readonly officerId: string;
  readonly keyDigest: string;
  readonly name: string;
  readonly office: string;
}

/** An open session of an officer at the desk. */
export interface DeskSession {
  readonly id: string;
  readonly officerId: string;
  readonly name: string;
  readonly office: string;
  /** The absolute limit. */
  readonly endsAt: Date;
  /** When it ends if it is not used again. */
  readonly idleAt: Date;
}

interface Limits {
  readonly policy: Policy;
  readonly clock: Clock;
}

/** Finds the officer whose key has this digest; undefined if the key was revoked or replaced. */
export async function findOfficerByKey(
  { prisma }: Database,
  keyDigest: string,
): Promise<OfficerKey | undefined> {
  const officer = await prisma.officer.findUnique({ where: { keyDigest } });
  if (!officer || officer.revokedAt) return undefined;
  const { id: officerId, name, office } = officer;
  return { officerId, keyDigest, name, office };
}

/**
 * Opens a session for an officer, and audits it. Safe to run twice: the same id adds no second session, and keeps the
 * instants of the first.
 */
export async function insertDeskSession(
  db: Database,
  { officerId, keyDigest, name, office }: OfficerKey,
  { id, tokenDigest, requestId }: { id: string; tokenDigest: string; requestId: string },
  { policy, clock }: Limits,
): Promise<DeskSession> {
  const now = new Date(clock.now());
  const limit = new Date(after(clock.now(), policy.deskSession.absolute));
  const data = { id, officerId, keyDigest, tokenDigest, startedAt: now, lastUsedAt: now, endsAt: limit };
  const { lastUsedAt, endsAt } = await db.prisma.$transaction(async (tx) => {
    await tx.deskSession.createMany({ data: [data], skipDuplicates: true });
    await audit(tx, { type: 'desk-session-opened' }, { id, officerId, requestId });
    return tx.deskSession.findUniqueOrThrow({ where: { id } });
  });
  return {
    id,
    officerId,
    name,
    office,
    endsAt,
    idleAt: idleLimit(lastUsedAt.getTime(), policy.deskSession.idle, endsAt),
  };
}

/**
 * Finds the open session of a token and restarts its idle limit. One statement checks both limits, and that the key that
 * opened it is still the officer's.
 */
export async function useDeskSession(
  tokenDigest: string,
  { db, policy, clock }: Limits & { readonly db: Database },
): Promise<DeskSession | undefined> {
  const now = new Date(clock.now());
  const { rows } = await db.pool.query<Omit<DeskSession, 'idleAt'>>({
    name: 'use-desk-session',
    text: `
      UPDATE "DeskSession" session SET "lastUsedAt" = $2
      FROM "Officer" officer
      WHERE session."tokenDigest" = $1 AND session."endsAt" > $2 AND session."lastUsedAt" > $3
        AND officer.id = session."officerId" AND officer."keyDigest" = session."keyDigest" AND officer."revokedAt" IS NULL
      RETURNING session.id, session."officerId", session."endsAt", officer.name, officer.office`,
    values: [tokenDigest, now, new Date(before(clock.now(), policy.deskSession.idle))],
  });
  const [found] = rows;
  return found && { ...found, idleAt: idleLimit(now.getTime(), policy.deskSession.idle, found.endsAt) };
}

/** Ends a session at once, and audits it. */
export const deleteDeskSession = (
  db: Database,
  { id, officerId }: DeskSession,
  requestId: string,
): Promise<void> =>
  db.prisma.$transaction(async (tx) => {
    await tx.deskSession.deleteMany({ where: { id } });
    await audit(tx, { type: 'desk-session-closed' }, { id, officerId, requestId });
  });
