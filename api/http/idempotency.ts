import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { before } from '../../domain/durations.ts';
import type { Database } from '../../platform/database.ts';
import { ResponseRandomness } from '../../platform/response-randomness.ts';
import { Unavailable } from '../citizens/citizen-client.ts';
import type { ApiDependencies } from './dependencies.ts';
import { problems } from './problems.ts';
import type { Reply } from './route.ts';

/** A request under a client's key. */
export interface KeyedRequest {
  readonly idempotencyKey: string;
  /** Whoever calls: the digest of the Bearer token, or nobody. */
  readonly credential: string;
  readonly path: string;
  readonly body: unknown;
}

/** What is known of it: its answer, that the key went with another body, or the seed from which the answer derives. */
export type Reservation =
  | { readonly kind: 'answered'; readonly answer: Reply }
  | { readonly kind: 'other-body' }
  | {
      readonly kind: 'to-do';
      readonly randomness: ResponseRandomness;
      readonly mayBeRepeated: boolean;
      keep(answer: Reply): Promise<Reply>;
      /** There is no answer: whoever waits for it may try. */
      giveUp(): Promise<void>;
    };

/** Without a key nothing is reserved and nothing kept. */
export const unkeyedReservation = (): Extract<Reservation, { kind: 'to-do' }> => ({
  kind: 'to-do',
  randomness: new ResponseRandomness(),
  mayBeRepeated: false,
  keep: async (answer) => answer,
  giveUp: async () => {},
});

/**
 * Reserves, before any effect, a row with keyed digests of caller, route, key and body, and a sealed random seed. A
 * repetition at the same time waits for the first one's answer; one after a crash finds the seed and derives the same
 * ids, tokens and codes; neither the key nor the body nor an answer is stored in clear (docs/adr/0014).
 * @throws Unavailable while somebody else is on it for too long
 */
export async function reserveIdempotencyKey(
  { db, ring, policy }: ApiDependencies,
  request: KeyedRequest,
): Promise<Reservation> {
  const { idempotencyKey, credential, path, body } = request;
  const bodyText = createHash('sha256')
    .update(JSON.stringify(body) ?? '')
    .digest('base64url');
  const names = ring
    .fingerprints('idempotency', [credential, path, idempotencyKey])
    .map(({ keyId, digest }) => ({
      keyId,
      keyDigest: digest,
      bodyDigest: ring.mac('idempotency', [digest, bodyText], keyId).toString('base64url'),
    }));

  await db.prisma.idempotentRequest.deleteMany({
    where: {
      keyDigest: { in: names.map(({ keyDigest }) => keyDigest) },
      createdAt: { lt: new Date(before(Date.now(), policy.idempotency.kept)) },
    },
  });
  const fresh = new ResponseRandomness();
  const { name, isFirst } = await insertRow(db, names, ({ keyDigest, bodyDigest }) => ({
    ...{ keyDigest, bodyDigest },
    sealedSeed: ring.seal('idempotency', keyDigest, fresh.bytes),
  }));
  const { keyDigest, bodyDigest } = name;
  const found = await db.prisma.idempotentRequest.findUniqueOrThrow({ where: { keyDigest } });
  if (found.bodyDigest !== bodyDigest) return { kind: 'other-body' };
  const row = isFirst ? found : await takeOver(db, keyDigest);
  const open = (sealed: string): Reply =>
    JSON.parse(ring.open('idempotency', keyDigest, sealed).toString()) as Reply;
  if (row.sealedAnswer) return { kind: 'answered', answer: open(row.sealedAnswer) };

  return {
    kind: 'to-do',
    randomness: new ResponseRandomness(ring.open('idempotency', keyDigest, row.sealedSeed)),
    mayBeRepeated: !isFirst,
    async keep(answer) {
      const status = 'problem' in answer ? problems[answer.problem] : answer.status;
      const sealedAnswer = isStorable(status)
        ? ring.seal('idempotency', keyDigest, Buffer.from(JSON.stringify(answer)))
        : null;
      // Should another have taken it on meanwhile, the first answer stands for both.
      await db.prisma.idempotentRequest.updateMany({
        where: { keyDigest, sealedAnswer: null },
        data: { sealedAnswer, status },
      });
      const kept = await db.prisma.idempotentRequest.findUnique({ where: { keyDigest } });
      return kept?.sealedAnswer ? open(kept.sealedAnswer) : answer;
    },
    async giveUp() {
      const where = { keyDigest, sealedAnswer: null };
      // If this can't be written either, the time of whoever took it on runs out by itself.
      await db.prisma.idempotentRequest.updateMany({ where, data: { status: 503 } }).catch(() => {});
    },
  };
}

interface KeyDigests {
  readonly keyDigest: string;
  readonly bodyDigest: string;
}

/**
 * Takes the row of a request under the name that the first key gives it, unless it is there under another's. While the
 * ring has several, processes may differ in which is first: whoever shares one with another takes turns with it.
 */
async function insertRow(
  { prisma }: Database,
  names: readonly KeyDigests[],
  rowOf: (name: KeyDigests) => KeyDigests & { readonly sealedSeed: string },
): Promise<{ name: KeyDigests; isFirst: boolean }> {
  const [current, ...others] = names;
  if (!current) throw new Error('an empty key ring');
  const add = async (db: Pick<Database['prisma'], 'idempotentRequest'>) => {
    const { count } = await db.idempotentRequest.createMany({ data: [rowOf(current)], skipDuplicates: true });
    return { name: current, isFirst: count > 0 };
  };
  if (others.length === 0) return add(prisma);
  return prisma.$transaction(async (tx) => {
    const digests = names.map(({ keyDigest }) => keyDigest).sort();
    await tx.$executeRaw`
      SELECT pg_advisory_xact_lock(hashtextextended(digest, 0)) FROM unnest(${digests}::text[]) AS digest`;
    const where = { keyDigest: { in: others.map(({ keyDigest }) => keyDigest) } };
    const known = await tx.idempotentRequest.findFirst({ where });
    const name = others.find(({ keyDigest }) => keyDigest === known?.keyDigest);
    return name ? { name, isFirst: false } : add(tx);
  });
}

/** Who took a request on has answered within this time, or is not going to: a little more than `ask.ts` allows. */
const maxReplyTimeMs = 6_000;
/** How long a repetition waits before it is told to come again. */
const waitTimeoutMs = 4_500;

/**
 * Takes a repeated request on, once whoever is on it has given up or died, unless there is an answer. One at a time, so
 * that nothing is counted twice that no workflow counts. `status` is null while somebody is on it.
 */
async function takeOver({ prisma }: Database, keyDigest: string) {
  const deadlineMs = Date.now() + waitTimeoutMs;
  while (Date.now() < deadlineMs) {
    const row = await prisma.idempotentRequest.findUniqueOrThrow({ where: { keyDigest } });
    if (row.sealedAnswer) return row;
    const nowMs = Date.now();
    const { count } = await prisma.idempotentRequest.updateMany({
      where: {
        ...{ keyDigest, sealedAnswer: null },
        OR: [{ status: { not: null } }, { createdAt: { lt: new Date(nowMs - maxReplyTimeMs) } }],
      },
      data: { status: null, createdAt: new Date(nowMs) },
    });
    if (count > 0) return row;
    await sleep(25);
  }
  throw new Unavailable();
}

/** 429 and 5xx are not answers but delays: the next try may fare better. */
const isStorable = (status: number): boolean => status !== 429 && status < 500;
