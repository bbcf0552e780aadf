import { createHash, randomBytes } from 'node:crypto';
import { KeyRing, type Purpose } from '../../platform/secrets.ts';

/**
 * What the portal gives out to be given back: sealed (AES-256-GCM), so that nobody can read or change it on the way.
 * Its key is a subkey of FRONT_END_KEY; nothing is kept here, so any number of portals with one key can serve a citizen.
 */
export class SealedBox {
  readonly #ring: KeyRing;

  constructor(frontEndKey: string) {
    const bytes = createHash('sha256').update(frontEndKey).digest();
    this.#ring = new KeyRing([{ id: 'front-end', bytes }]);
  }

  seal(purpose: Purpose, context: string, value: unknown): string {
    return this.#ring.seal(purpose, context, Buffer.from(JSON.stringify(value)));
  }

  /** What was sealed for this purpose and context; undefined for whatever else it is. */
  open(purpose: Purpose, context: string, sealed: string | undefined): unknown {
    if (!sealed) return undefined;
    try {
      return JSON.parse(this.#ring.open(purpose, context, sealed).toString());
    } catch {
      return undefined;
    }
  }

  /** A keyed digest, that reveals nothing of the parts. */
  digest(purpose: Purpose, parts: readonly string[]): string {
    return this.#ring.mac(purpose, parts).toString('base64url');
  }

  /** The secret with which forms are told from forged ones. */
  get formSecret(): string {
    return this.#ring.subkey('portal-form').toString('base64url');
  }
}

/** What makes one rendering of a form different from every other. */
export const newNonce = (): string => randomBytes(16).toString('base64url');
