import { randomBytes } from 'node:crypto';
import type { SecretKey } from '../../platform/config.ts';
import { KeyRing, type Purpose } from '../../platform/secrets.ts';

/** Whose cookies and forms these are: purposes of keys begin with it. */
export type Front = 'portal' | 'gateway';

/**
 * Authenticated encryption (AES-256-GCM) of what a browser keeps between requests: the server stores nothing, so any
 * instance with the same PORTAL_COOKIE_KEY, or GATEWAY_SECRET_KEY, can continue. FRONT_END_KEY does not open it: that one leaves the process with
 * every request to the API (docs/adr/0038).
 */
export class SealedBox {
  /** What its cookies are sealed for. */
  readonly cookiePurpose: Purpose;
  /** What the digests of its forms are made for. */
  readonly formPurpose: Purpose;
  readonly #ring: KeyRing;

  constructor(keys: readonly [SecretKey, ...SecretKey[]], front: Front) {
    this.cookiePurpose = `${front}-cookie`;
    this.formPurpose = `${front}-form`;
    this.#ring = new KeyRing(keys);
  }

  /** Encrypts a JSON value. `purpose` and `context` are authenticated: only the same pair opens it. */
  seal(purpose: Purpose, context: string, value: unknown): string {
    return this.#ring.seal(purpose, context, Buffer.from(JSON.stringify(value)));
  }

  /** Decrypts a value; undefined if it was changed, or sealed under another key, purpose or context. */
  open(purpose: Purpose, context: string, sealed: string | undefined): unknown {
    if (!sealed) return undefined;
    try {
      return JSON.parse(this.#ring.open(purpose, context, sealed).toString());
    } catch {
      return undefined;
    }
  }

  /** A keyed digest (HMAC), from which the parts cannot be guessed. */
  digest(purpose: Purpose, parts: readonly string[]): string {
    return this.#ring.mac(purpose, parts).toString('base64url');
  }

  /** That digest under every key, the current key's first. */
  digests(purpose: Purpose, parts: readonly string[]): string[] {
    return this.#ring.fingerprints(purpose, parts).map(({ digest }) => digest);
  }
}

/** A random value for one rendering of a form: 128 bits. */
export const newNonce = (): string => randomBytes(16).toString('base64url');
