import { setTimeout as sleep } from 'node:timers/promises';
import { before } from '../../domain/durations.ts';
import type { Database } from '../../platform/database.ts';
import { Unavailable } from './unavailable.ts';

/** The digests of one request under one key of the ring: of caller, route and Idempotency-Key (`requestDigest`), and of the body. */
export interface RequestDigests {
  readonly requestDigest: string;
  readonly bodyDigest: string;
}

/** Deletes the rows of these digests that are older than `kept` (ISO 8601 duration). */
export async function deleteExpired(
  { prisma }: Database,
  digests: readonly RequestDigests[],
  kept: string,
): Promise<void> {
  await prisma.idempotentRequest.deleteMany({
    where: {
      keyDigest: { in: digests.map(({ requestDigest }) => requestDigest) },
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
  digests: readonly RequestDigests[],
  sealSeed: (requestDigest: string) => string,
): Promise<RequestDigests & { isFirst: boolean }> {
  const [current, ...others] = digests;
  if (!current) throw new Error('an empty key ring');
  const insert = async (db: Pick<Database['prisma'], 'idempotentRequest'>) => {
    const { requestDigest, bodyDigest } = current;
    const data = [{ keyDigest: requestDigest, bodyDigest, sealedSeed: sealSeed(requestDigest) }];
    const { count } = await db.idempotentRequest.createMany({ data, skipDuplicates: true });
    return { ...current, isFirst: count > 0 };
  };
  if (others.length === 0) return insert(prisma);
  return prisma.$transaction(async (tx) => {
    const locked = digests.map(({ requestDigest }) => requestDigest).sort();
    await tx.$executeRaw`
      SELECT pg_advisory_xact_lock(hashtextextended(digest, 0)) FROM unnest(${locked}::text[]) AS digest`;
    const where = { keyDigest: { in: others.map(({ requestDigest }) => requestDigest) } };
    const row = await tx.idempotentRequest.findFirst({ where });
    const existing = others.find(({ requestDigest }) => requestDigest === row?.keyDigest);
    return existing ? { ...existing, isFirst: false } : insert(tx);
  });
}

/** An attempt that has run longer than this (ms) is considered dead: slightly more than the citizen client's timeout. */
const maxReplyTimeMs = 6_000;
/** How long (ms) a repetition waits for the first attempt before it is refused with 503. */
const waitTimeoutMs = 4_500;

/**
 * Waits until the attempt in progress has stored its reply, and returns the row with it; or, once that attempt has released
 * the row or died, takes the row over for the caller's own attempt and returns it without a reply. A single `UPDATE`
 * decides who takes it over, so that one attempt runs at a time: no workflow makes audit rows and decoy counts idempotent.
 * `status` is null while an attempt is in progress. @throws Unavailable if neither happens in time
 */
export async function waitForReplyOrTakeOver({ prisma }: Database, requestDigest: string) {
  const deadlineMs = Date.now() + waitTimeoutMs;
  while (Date.now() < deadlineMs) {
    const row = await prisma.idempotentRequest.findUniqueOrThrow({ where: { keyDigest: requestDigest } });
    if (row.sealedAnswer) return row;
    const nowMs = Date.now();
    const { count } = await prisma.idempotentRequest.updateMany({
      where: {
        keyDigest: requestDigest,
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
  requestDigest: string,
  data: { status: number; sealedAnswer: string | null },
): Promise<string | null | undefined> {
  // A repetition may have taken the row over and stored its reply: both send the one that was stored first.
  await prisma.idempotentRequest.updateMany({
    where: { keyDigest: requestDigest, sealedAnswer: null },
    data,
  });
  const row = await prisma.idempotentRequest.findUnique({ where: { keyDigest: requestDigest } });
  return row?.sealedAnswer;
}

/** Marks the attempt in progress as failed. If PostgreSQL is away, `maxReplyTimeMs` ends the attempt instead. */
export async function releaseRow({ prisma }: Database, requestDigest: string): Promise<void> {
  const where = { keyDigest: requestDigest, sealedAnswer: null };
  await prisma.idempotentRequest.updateMany({ where, data: { status: 503 } }).catch(() => {});
}
