import { generateKeyPair, type JsonWebKey } from 'node:crypto';
import { promisify } from 'node:util';
import type { Pool } from 'pg';
import { type SigningAlgorithm, signingAlgorithms } from '../../domain/gateway/party-keys.ts';
import type { Logger } from '../../platform/log.ts';
import type { KeyRing } from '../../platform/secrets.ts';
import { type KeyInstants, nextKey, signingKey } from './key-schedule.ts';

/** A private key as a JWK, with id and algorithm. */
export type SigningJwk = JsonWebKey & {
  readonly kid: string;
  readonly alg: SigningAlgorithm;
  readonly use: 'sig';
};

/** Keys as they are in force at one instant. */
export interface KeySet {
  /** Every key that is published: for each algorithm the one that signs first. */
  readonly keys: readonly SigningJwk[];
}

interface KeyRow extends KeyInstants {
  readonly id: string;
  readonly algorithm: SigningAlgorithm;
  readonly sealedPrivateKey: string;
}

interface OpenedKey extends KeyInstants {
  readonly algorithm: SigningAlgorithm;
  readonly jwk: SigningJwk;
}

interface KeyDependencies {
  readonly db: Pick<Pool, 'query'>;
  readonly ring: KeyRing;
  readonly log: Logger;
}

const generate = promisify(generateKeyPair);

/**
 * Reads the keys that are in force, and makes those that are due. Of two processes that make the next key at once, one
 * does; the other reads it.
 */
export async function loadKeys(dependencies: KeyDependencies, nowMs: number): Promise<KeySet> {
  const rows = await readRows(dependencies);
  let isMade = false;
  for (const algorithm of signingAlgorithms) {
    const own = rows.filter((row) => row.algorithm === algorithm);
    const highest = Math.max(0, ...own.map(({ number }) => number));
    const due = nextKey(openKeys(dependencies, own, nowMs), highest, nowMs);
    if (!due) continue;
    await insertKey(dependencies, algorithm, due);
    isMade = true;
  }
  const opened = openKeys(dependencies, isMade ? await readRows(dependencies) : rows, nowMs);
  return { keys: signingAlgorithms.flatMap((algorithm) => inOrder(opened, algorithm, nowMs)) };
}

/** The library signs with the first key that suits an algorithm. */
function inOrder(opened: readonly OpenedKey[], algorithm: SigningAlgorithm, nowMs: number): SigningJwk[] {
  const own = opened.filter((key) => key.algorithm === algorithm);
  const current = signingKey(own, nowMs);
  return [...(current ? [current] : []), ...own.filter((key) => key !== current)].map(({ jwk }) => jwk);
}

async function readRows({ db }: KeyDependencies): Promise<KeyRow[]> {
  const { rows } = await db.query<KeyRow>({
    name: 'read-gateway-keys',
    text: `
      SELECT id, algorithm, number, "sealedPrivateKey", "signsFrom", "signsUntil", "retiresAt"
      FROM "GatewayKey" ORDER BY algorithm, number`,
  });
  return rows;
}

/** A key that was sealed with a secret key that has gone cannot sign: it is left out, and replaced. */
function openKeys({ ring, log }: KeyDependencies, rows: readonly KeyRow[], nowMs: number): OpenedKey[] {
  return rows.flatMap(({ id, sealedPrivateKey, ...row }) => {
    if (row.retiresAt.getTime() <= nowMs) return [];
    try {
      const jwk = JSON.parse(ring.open('gateway-key', id, sealedPrivateKey).toString()) as JsonWebKey;
      return [{ ...row, jwk: { ...jwk, kid: id, alg: row.algorithm, use: 'sig' } }];
    } catch (error) {
      log.error({ err: error, key: id }, 'a signing key cannot be opened');
      return [];
    }
  });
}

const newKeyPair = (algorithm: SigningAlgorithm) =>
  algorithm === 'ES256' ? generate('ec', { namedCurve: 'P-256' }) : generate('rsa', { modulusLength: 2048 });

/** A key that is kept nowhere. */
export async function newSigningKey(alg: SigningAlgorithm): Promise<SigningJwk> {
  const { privateKey } = await newKeyPair(alg);
  const jwk = privateKey.export({ format: 'jwk' });
  return { ...jwk, kid: `simulator-${alg.toLowerCase()}-${thumbOf(jwk)}`, alg, use: 'sig' };
}

async function insertKey(
  { db, ring }: KeyDependencies,
  algorithm: SigningAlgorithm,
  { number, signsFrom, signsUntil, retiresAt }: KeyInstants,
): Promise<void> {
  const { publicKey, privateKey } = await newKeyPair(algorithm);
  const id = `${algorithm.toLowerCase()}-${number}-${signsFrom.toISOString().slice(0, 10)}-${thumbOf(publicKey.export({ format: 'jwk' }))}`;
  const sealed = ring.seal(
    'gateway-key',
    id,
    Buffer.from(JSON.stringify(privateKey.export({ format: 'jwk' }))),
  );
  await db.query({
    text: `
      INSERT INTO "GatewayKey"
        (id, algorithm, number, "publicKey", "sealedPrivateKey", "signsFrom", "signsUntil", "retiresAt")
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (algorithm, number) DO NOTHING`,
    values: [
      ...[id, algorithm, number, JSON.stringify(publicKey.export({ format: 'jwk' })), sealed],
      ...[signsFrom, signsUntil, retiresAt],
    ],
  });
}

/** A short part of the public key, so that ids differ between databases. */
const thumbOf = ({ n, x }: JsonWebKey): string => (n ?? x ?? '').slice(-6);
