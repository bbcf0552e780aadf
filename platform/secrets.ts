import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto';
import type { Fingerprint } from '../domain/fingerprint.ts';
import type { SecretKey } from './config.ts';

/** What a subkey is for. One purpose, one subkey: a value made for one opens nothing of another. */
export type Purpose =
  | 'activation-code'
  | 'otp'
  | 'otp-fingerprint'
  | 'idempotency'
  | 'password'
  | 'payload'
  | 'phone'
  | 'decoy'
  | 'address'
  | 'backup'
  | 'portal-cookie'
  | 'portal-form'
  | 'portal-receipt';

/**
 * The ring of secret keys: the first makes, all verify, so that a key can be changed without voiding what it made.
 * No key is used directly: HKDF gives a subkey for each purpose. Why and how to change a key: docs/adr/0011.
 */
export class KeyRing {
  readonly #keys: ReadonlyMap<string, SecretKey>;
  readonly #first: SecretKey;
  readonly #subkeys = new Map<string, Buffer>();

  constructor(keys: readonly [SecretKey, ...SecretKey[]]) {
    this.#first = keys[0];
    this.#keys = new Map(keys.map((key) => [key.id, key]));
  }

  /** The id of the key that makes new values. */
  get currentKeyId(): string {
    return this.#first.id;
  }

  /** Whether what a key made can still be verified. */
  has(keyId: string): boolean {
    return this.#keys.has(keyId);
  }

  /** 32 bytes for one purpose. @throws RangeError if the ring no longer holds the key: it was taken away too early. */
  subkey(purpose: Purpose, keyId: string = this.#first.id): Buffer {
    const name = `${keyId}:${purpose}`;
    const known = this.#subkeys.get(name);
    if (known) return known;
    const key = this.#keys.get(keyId);
    if (!key) throw new RangeError(`no secret key with the id ${keyId}`);
    const made = Buffer.from(hkdfSync('sha256', key.bytes, '', `clave-permanente/v1/${purpose}`, 32));
    this.#subkeys.set(name, made);
    return made;
  }

  /** HMAC of the parts, with the subkey of a purpose. Parts are length-prefixed: ['a', 'bc'] is not ['ab', 'c']. */
  mac(purpose: Purpose, parts: readonly string[], keyId: string = this.#first.id): Buffer {
    const hmac = createHmac('sha256', this.subkey(purpose, keyId));
    for (const part of parts) hmac.update(`${Buffer.byteLength(part)}:`).update(part);
    return hmac.digest();
  }

  /** The fingerprint that is kept, by the first key. */
  fingerprint(purpose: Purpose, parts: readonly string[]): Fingerprint {
    return { keyId: this.#first.id, digest: this.mac(purpose, parts).toString('base64url') };
  }

  /** The fingerprints of something entered, one a key, the first key's first: compared with what any of them made. */
  fingerprints(purpose: Purpose, parts: readonly string[]): Fingerprint[] {
    return [...this.#keys.keys()].map((keyId) => ({
      keyId,
      digest: this.mac(purpose, parts, keyId).toString('base64url'),
    }));
  }

  /** Encrypts (AES-256-GCM) for a purpose, bound to `context`: opened only with the same one. Text: `v1.keyId.base64url`. */
  seal(purpose: Purpose, context: string, plain: Buffer): string {
    const nonce = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', this.subkey(purpose), nonce).setAAD(Buffer.from(context));
    const body = Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
    return `v1.${this.#first.id}.${body.toString('base64url')}`;
  }

  /** Opens what `seal` made, with the key that it names. @throws Error if it was tampered with or bound elsewhere. */
  open(purpose: Purpose, context: string, sealed: string): Buffer {
    const [version, keyId, text] = sealed.split('.');
    if (version !== 'v1' || !keyId || !text) throw new Error('not a sealed value');
    const body = Buffer.from(text, 'base64url');
    const decipher = createDecipheriv('aes-256-gcm', this.subkey(purpose, keyId), body.subarray(0, 12))
      .setAAD(Buffer.from(context))
      .setAuthTag(body.subarray(-16));
    return Buffer.concat([decipher.update(body.subarray(12, -16)), decipher.final()]);
  }
}

/** Digest of a token or key of at least 256 random bits: such a one needs no key and no salt. SHA-256, base64url. */
export const tokenDigest = (token: string): string => createHash('sha256').update(token).digest('base64url');

/** Compares two secrets in time that does not depend on where they differ. */
export const sameSecret = (a: string, b: string): boolean =>
  timingSafeEqual(createHash('sha256').update(a).digest(), createHash('sha256').update(b).digest());
