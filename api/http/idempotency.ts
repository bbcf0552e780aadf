import { createHash } from 'node:crypto';
import { before } from '../../domain/durations.ts';
import { ResponseRandomness } from '../../platform/response-randomness.ts';
import type { ApiDependencies } from './dependencies.ts';
import {
  deleteExpired,
  insertRow,
  type RequestDigests,
  releaseRow,
  storeReply,
  waitForReplyOrTakeOver,
} from './idempotent-requests.ts';
import { problems } from './problems.ts';
import type { Reply } from './route.ts';

/** A request with an Idempotency-Key. */
export interface KeyedRequest {
  readonly idempotencyKey: string;
  /** Digest of the Bearer token, if there is one. */
  readonly credential: string | undefined;
  readonly path: string;
  readonly body: unknown;
}

/** The stored reply of an earlier request, a key that was used with another body, or a reservation of the key. */
export type Reservation =
  | { readonly kind: 'answered'; readonly reply: Reply }
  | { readonly kind: 'other-body' }
  | {
      readonly kind: 'reserved';
      readonly randomness: ResponseRandomness;
      /** The key was reserved before and no reply is stored: an earlier attempt may have had its effects. */
      readonly mayBeRetry: boolean;
      /** Stores the reply and returns it, or the one that a concurrent attempt has stored before. */
      store(reply: Reply): Promise<Reply>;
      /** Ends an attempt without a reply, so that a waiting repetition can proceed. */
      release(): Promise<void>;
    };

/** The reservation of a request without a key: nothing is stored. */
export const unkeyedReservation = (): Extract<Reservation, { kind: 'reserved' }> => ({
  kind: 'reserved',
  randomness: new ResponseRandomness(),
  mayBeRetry: false,
  store: async (reply) => reply,
  release: async () => {},
});

/**
 * Reserves the key before any effect: a row with keyed digests of caller, route, key and body, and the sealed randomness
 * of the response. A concurrent repetition waits for the first reply; a repetition after a crash reads the randomness
 * and derives the same ids, tokens and codes. Key, body and reply are never stored in clear (docs/adr/0014).
 * @throws Unavailable while a concurrent request takes too long
 */
export async function reserveIdempotencyKey(
  { db, ring, policy }: Pick<ApiDependencies, 'db' | 'ring' | 'policy'>,
  request: KeyedRequest,
): Promise<Reservation> {
  const digests = requestDigests(ring, request);
  await deleteExpired(db, digests, policy.idempotency.kept);
  const fresh = new ResponseRandomness();
  const { requestDigest, bodyDigest, isFirst } = await insertRow(db, digests, (digest) =>
    ring.seal('idempotency', digest, fresh.bytes),
  );
  const found = await db.prisma.idempotentRequest.findUniqueOrThrow({ where: { keyDigest: requestDigest } });
  if (found.bodyDigest !== bodyDigest) return { kind: 'other-body' };
  const row = isFirst ? found : await waitForReplyOrTakeOver(db, requestDigest);
  if (row.sealedAnswer) return { kind: 'answered', reply: openReply(ring, requestDigest, row.sealedAnswer) };

  return {
    kind: 'reserved',
    randomness: openRandomness(ring, requestDigest, row.sealedSeed),
    mayBeRetry: !isFirst,
    async store(reply) {
      const status = 'problem' in reply ? problems[reply.problem].status : reply.status;
      const sealed = isStorable(status)
        ? ring.seal('idempotency', requestDigest, Buffer.from(JSON.stringify(reply)))
        : null;
      const stored = await storeReply(db, requestDigest, { status, sealedAnswer: sealed });
      return stored ? openReply(ring, requestDigest, stored) : reply;
    },
    release: () => releaseRow(db, requestDigest),
  };
}

/**
 * Reads what an earlier attempt of a request stored under its Idempotency-Key: its reply, or its randomness if no reply was
 * stored. Reserves nothing. Only an identified caller reserves a key, so the earlier attempt was sent with this credential.
 */
export async function findEarlierAttempt(
  { db, ring, policy }: Pick<ApiDependencies, 'db' | 'ring' | 'policy'>,
  request: KeyedRequest & { readonly credential: string },
): Promise<
  | Exclude<Reservation, { kind: 'reserved' }>
  | { readonly kind: 'unanswered'; readonly randomness: ResponseRandomness }
  | undefined
> {
  const digests = requestDigests(ring, request);
  const row = await db.prisma.idempotentRequest.findFirst({
    where: {
      keyDigest: { in: digests.map(({ requestDigest }) => requestDigest) },
      createdAt: { gte: new Date(before(Date.now(), policy.idempotency.kept)) },
    },
  });
  if (!row) return undefined;
  const { keyDigest, sealedAnswer, sealedSeed } = row;
  if (digests.every(({ bodyDigest }) => bodyDigest !== row.bodyDigest)) return { kind: 'other-body' };
  return sealedAnswer
    ? { kind: 'answered', reply: openReply(ring, keyDigest, sealedAnswer) }
    : { kind: 'unanswered', randomness: openRandomness(ring, keyDigest, sealedSeed) };
}

const openReply = (ring: ApiDependencies['ring'], digest: string, sealed: string): Reply =>
  JSON.parse(ring.open('idempotency', digest, sealed).toString()) as Reply;

const openRandomness = (ring: ApiDependencies['ring'], digest: string, sealed: string): ResponseRandomness =>
  new ResponseRandomness(ring.open('idempotency', digest, sealed));

/** Digests under every key of the ring, the current key first. */
function requestDigests(
  ring: ApiDependencies['ring'],
  { idempotencyKey, credential, path, body }: KeyedRequest,
): RequestDigests[] {
  const bodyHash = createHash('sha256')
    .update(JSON.stringify(body) ?? '')
    .digest('base64url');
  // Without a credential the body is one: two strangers who chose the same key are two callers, and neither learns of the other.
  const caller = credential ?? bodyHash;
  return ring.fingerprints('idempotency', [caller, path, idempotencyKey]).map(({ keyId, digest }) => ({
    requestDigest: digest,
    bodyDigest: ring.mac('idempotency', [digest, bodyHash], keyId).toString('base64url'),
  }));
}

/** 429 and 5xx are temporary: a repetition under the same key is processed again. */
const isStorable = (status: number): boolean => status !== 429 && status < 500;
