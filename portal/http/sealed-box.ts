import { createHash, randomBytes } from 'node:crypto';
import { KeyRing, type Purpose } from '../../platform/secrets.ts';

/**
 * Authenticated encryption (AES-256-GCM) of what a browser keeps between requests: the server stores nothing, so any
 * instance with the same FRONT_END_KEY can continue. The key is a subkey of FRONT_END_KEY.
 */
export class SealedBox {
  readonly #ring: KeyRing;

  constructor(frontEndKey: string) {
    const bytes = createHash('sha256').update(frontEndKey).digest();
    this.#ring = new KeyRing([{ id: 'front-end', bytes }]);
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
}

/** A random value for one rendering of a form: 128 bits. */
export const newNonce = (): string => randomBytes(16).toString('base64url');
