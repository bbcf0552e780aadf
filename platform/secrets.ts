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

/** The purpose of a subkey. Values made for one purpose are not valid for another. */
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
  | 'known-browser'
  | 'certificate-evidence'
  | 'national-id'
  | 'act-evidence'
  | 'act-receipt'
  | 'portal-browser'
  | 'portal-cookie'
  | 'portal-form'
  | 'portal-receipt'
  | 'gateway-browser'
  | 'gateway-cookie'
  | 'gateway-form'
  | 'gateway-key'
  | 'gateway-signature';

/**
 * The ring of secret keys. The first makes new values, all verify, so that a key can be rotated while its values stay
 * valid. No key is used directly: HKDF derives a subkey for each purpose. Rotation: docs/adr/0011.
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

  /** Whether the ring holds a key, so that its values can be verified. */
  has(keyId: string): boolean {
    return this.#keys.has(keyId);
  }

  /** 32 bytes for one purpose. @throws RangeError if the ring does not hold the key */
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

  /** HMAC-SHA-256 of the parts. They are length-prefixed, so that ['a', 'bc'] and ['ab', 'c'] differ. */
  mac(purpose: Purpose, parts: readonly string[], keyId: string = this.#first.id): Buffer {
    const hmac = createHmac('sha256', this.subkey(purpose, keyId));
    for (const part of parts) hmac.update(`${Buffer.byteLength(part)}:`).update(part);
    return hmac.digest();
  }

  /** The fingerprint to store, made with the first key. */
  fingerprint(purpose: Purpose, parts: readonly string[]): Fingerprint {
    return { keyId: this.#first.id, digest: this.mac(purpose, parts).toString('base64url') };
  }

  /** Fingerprints of an entered value by every key, the first key's first, for comparison with a stored one. */
  fingerprints(purpose: Purpose, parts: readonly string[]): Fingerprint[] {
    return [...this.#keys.keys()].map((keyId) => ({
      keyId,
      digest: this.mac(purpose, parts, keyId).toString('base64url'),
    }));
  }

  /**
   * Encrypts with AES-256-GCM; `context` is associated data. Format: `v1.keyId.base64url`. `nonce`: 12 bytes, of which one
   * with another plain text or context would break the encryption.
   */
  seal(purpose: Purpose, context: string, plain: Buffer, nonce: Buffer = randomBytes(12)): string {
    const cipher = createCipheriv('aes-256-gcm', this.subkey(purpose), nonce).setAAD(Buffer.from(context));
    const body = Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
    return `v1.${this.#first.id}.${body.toString('base64url')}`;
  }

  /** Decrypts a value of `seal`. @throws Error if it was changed, or sealed for another purpose or context */
  open(purpose: Purpose, context: string, sealed: string): Buffer {
    const [version, keyId, text] = sealed.split('.');
    if (version !== 'v1' || !keyId || !text) throw new Error('not a sealed value');
    const body = Buffer.from(text, 'base64url');
    const key = this.subkey(purpose, keyId);
    // A shorter tag, which fewer tries would forge, is refused.
    const decipher = createDecipheriv('aes-256-gcm', key, body.subarray(0, 12), { authTagLength: 16 })
      .setAAD(Buffer.from(context))
      .setAuthTag(body.subarray(-16));
    return Buffer.concat([decipher.update(body.subarray(12, -16)), decipher.final()]);
  }
}

/** SHA-256, base64url, of a token of at least 256 random bits: with that entropy it needs neither key nor salt. */
export const tokenDigest = (token: string): string => createHash('sha256').update(token).digest('base64url');

/** Compares two secrets in constant time. */
export const sameSecret = (a: string, b: string): boolean =>
  timingSafeEqual(createHash('sha256').update(a).digest(), createHash('sha256').update(b).digest());
