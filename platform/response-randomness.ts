import { createHmac, randomBytes } from 'node:crypto';

/**
 * The randomness of one answer: 32 bytes of a CSPRNG from which its ids, tokens and codes derive, each under its own
 * label. A request repeated under the same Idempotency-Key gets the same seed and thus the same answer, even after a
 * crash (docs/adr/0014).
 */
export class ResponseRandomness {
  readonly bytes: Buffer;

  constructor(bytes: Buffer = randomBytes(32)) {
    this.bytes = bytes;
  }

  /**
   * Independent bytes for a label, 32 at most: HKDF's second half ([RFC5869] 2.3, one block). The first half is for keys
   * that are not uniform; the seed is.
   */
  derive(label: string, length: number): Buffer {
    return createHmac('sha256', this.bytes).update(label).update('\x01').digest().subarray(0, length);
  }

  /** A UUID (version 4 layout, RFC 9562) for a label. */
  uuid(label: string): string {
    const bytes = this.derive(label, 16);
    bytes[6] = ((bytes[6] as number) & 0x0f) | 0x40;
    bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80;
    return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  }

  /** A journey's id: 128 bits, base64url. */
  journeyId(): string {
    return this.derive('journey', 16).toString('base64url');
  }

  /** A bearer token: 256 bits, base64url. */
  token(label: string): string {
    return this.derive(`token/${label}`, 32).toString('base64url');
  }
}
