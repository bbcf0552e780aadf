import { setTimeout as sleep } from 'node:timers/promises';
import { before } from '../../domain/durations.ts';
import type { Database } from '../../platform/database.ts';
import { Unavailable } from './unavailable.ts';

/** The digests of one request under one key of the ring. */
export interface KeyDigests {
  readonly keyDigest: string;
  readonly bodyDigest: string;
}

/** Deletes the rows of these digests that are older than `kept` (ISO 8601 duration). */
export async function deleteExpired(
  { prisma }: Database,
  digests: readonly KeyDigests[],
  kept: string,
): Promise<void> {
  await prisma.idempotentRequest.deleteMany({
    where: {
      keyDigest: { in: digests.map(({ keyDigest }) => keyDigest) },
      createdAt: { lt: new Date(before(Date.now(), kept)) },
    },
  });
}

/**
 * Inserts the row of a request under the ring's current key, unless a row exists under any key of the ring. During a key
 * rotation processes may disagree about which key is the current one: advisory locks on all digests, taken in sorted
 * order, serialise concurrent inserts of the same request. Returns the digests of the row, and whether it is new.
 */
export async function insertRow(
  { prisma }: Database,
  digests: readonly KeyDigests[],
  sealSeed: (keyDigest: string) => string,
): Promise<KeyDigests & { isFirst: boolean }> {
  const [current, ...others] = digests;
  if (!current) throw new Error('an empty key ring');
  const insert = async (db: Pick<Database['prisma'], 'idempotentRequest'>) => {
    const data = [{ ...current, sealedSeed: sealSeed(current.keyDigest) }];
    const { count } = await db.idempotentRequest.createMany({ data, skipDuplicates: true });
    return { ...current, isFirst: count > 0 };
  };
  if (others.length === 0) return insert(prisma);
  return prisma.$transaction(async (tx) => {
    const locked = digests.map(({ keyDigest }) => keyDigest).sort();
    await tx.$executeRaw`
      SELECT pg_advisory_xact_lock(hashtextextended(digest, 0)) FROM unnest(${locked}::text[]) AS digest`;
    const where = { keyDigest: { in: others.map(({ keyDigest }) => keyDigest) } };
    const row = await tx.idempotentRequest.findFirst({ where });
    const existing = others.find(({ keyDigest }) => keyDigest === row?.keyDigest);
    return existing ? { ...existing, isFirst: false } : insert(tx);
  });
}

/** An attempt that has run longer than this (ms) is considered dead: slightly more than the citizen client's timeout. */
const maxReplyTimeMs = 6_000;
/** How long (ms) a repetition waits for the first attempt before it is refused with 503. */
const waitTimeoutMs = 4_500;

/**
 * Waits until the attempt in progress has stored its reply, released the row or died; returns the row with the reply, or
 * takes the row over. A single `UPDATE` decides, so that one attempt runs at a time: some effects (audit rows, decoy
 * counts) are made idempotent by no workflow. `status` is null while an attempt is in progress. @throws Unavailable
 */
export async function takeOver({ prisma }: Database, keyDigest: string) {
  const deadlineMs = Date.now() + waitTimeoutMs;
  while (Date.now() < deadlineMs) {
    const row = await prisma.idempotentRequest.findUniqueOrThrow({ where: { keyDigest } });
    if (row.sealedAnswer) return row;
    const nowMs = Date.now();
    const { count } = await prisma.idempotentRequest.updateMany({
      where: {
        keyDigest,
        sealedAnswer: null,
        OR: [{ status: { not: null } }, { createdAt: { lt: new Date(nowMs - maxReplyTimeMs) } }],
      },
      data: { status: null, createdAt: new Date(nowMs) },
    });
    if (count > 0) return row;
    await sleep(25);
  }
  throw new Unavailable();
}

/** Stores a sealed reply (null: its status only) unless one is stored. Returns the sealed reply that the row then holds. */
export async function storeReply(
  { prisma }: Database,
  keyDigest: string,
  data: { status: number; sealedAnswer: string | null },
): Promise<string | null | undefined> {
  // A repetition may have taken the row over and stored its reply: both send the one that was stored first.
  await prisma.idempotentRequest.updateMany({ where: { keyDigest, sealedAnswer: null }, data });
  const row = await prisma.idempotentRequest.findUnique({ where: { keyDigest } });
  return row?.sealedAnswer;
}

/** Marks the attempt in progress as failed. If PostgreSQL is away, `maxReplyTimeMs` ends the attempt instead. */
export async function releaseRow({ prisma }: Database, keyDigest: string): Promise<void> {
  const where = { keyDigest, sealedAnswer: null };
  await prisma.idempotentRequest.updateMany({ where, data: { status: 503 } }).catch(() => {});
}
