import { createHmac, randomBytes } from 'node:crypto';

/**
 * The randomness of one response: 32 bytes of a CSPRNG, from which its ids, tokens and codes are derived, each under its
 * own label. A request repeated under the same Idempotency-Key gets the same bytes and thus the same response, even
 * after a crash (docs/adr/0014).
 */
export class ResponseRandomness {
  readonly bytes: Buffer;

  constructor(bytes: Buffer = randomBytes(32)) {
    this.bytes = bytes;
  }

  /**
   * Independent bytes for a label, at most 32: the expand step of HKDF ([RFC5869] 2.3, one block). Its extract step is
   * for input that is not uniform; these bytes are.
   */
  derive(label: string, length: number): Buffer {
    return createHmac('sha256', this.bytes).update(label).update('\x01').digest().subarray(0, length);
  }

  /** A UUID for a label, in the layout of version 4 (RFC 9562, 5.4). */
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
