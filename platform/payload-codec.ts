import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import type { DataConverter, Payload, PayloadCodec } from '@temporalio/common';
import proto from '@temporalio/proto';
import type { SecretKey } from './config.ts';
import { KeyRing } from './secrets.ts';

const wire = proto.temporal.api.common.v1.Payload;

/** The encoding of an encrypted payload, as in Temporal's samples. */
const encrypted = 'binary/encrypted';
const encodingField = 'encoding';
const keyField = 'encryption-key-id';

const saltBytes = 32;
const tagBytes = 16;

/**
 * Encrypts payloads for Temporal (AES-256-GCM; the key's id is associated data). The first key of the ring encrypts, all
 * decrypt. Payloads written in clear stay readable, so that encryption can be enabled at any time (docs/adr/0023). Search
 * attributes, ids, types and failure codes are not payloads and stay in clear.
 */
export class EncryptingCodec implements PayloadCodec {
  readonly #ring: KeyRing;

  constructor(keys: readonly [SecretKey, ...SecretKey[]]) {
    this.#ring = new KeyRing(keys);
  }

  async encode(payloads: Payload[]): Promise<Payload[]> {
    return payloads.map((payload) => {
      const keyId = this.#ring.currentKeyId;
      const salt = randomBytes(saltBytes);
      const { key, nonce } = this.#keyAndNonce(keyId, salt);
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(keyId));
      const plain = wire.encode(payload).finish();
      const data = Buffer.concat([salt, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
      return { metadata: { [encodingField]: Buffer.from(encrypted), [keyField]: Buffer.from(keyId) }, data };
    });
  }

  /** @throws Error if the key is not in the ring or the payload was changed: Temporal then retries the task */
  async decode(payloads: Payload[]): Promise<Payload[]> {
    return payloads.map((payload) => {
      if (text(payload.metadata?.[encodingField]) !== encrypted) return payload;
      const keyId = text(payload.metadata?.[keyField]);
      if (!this.#ring.has(keyId)) throw new Error(`CLAVE_PAYLOAD_KEY has no key with the id ${keyId}`);
      const body = Buffer.from(payload.data ?? []);
      const { key, nonce } = this.#keyAndNonce(keyId, body.subarray(0, saltBytes));
      const decipher = createDecipheriv('aes-256-gcm', key, nonce, {
        authTagLength: tagBytes,
      })
        .setAAD(Buffer.from(keyId))
        .setAuthTag(body.subarray(-tagBytes));
      const plain = Buffer.concat([decipher.update(body.subarray(saltBytes, -tagBytes)), decipher.final()]);
      return wire.decode(plain);
    });
  }

  /**
   * Key and nonce of one payload, derived from its salt. One key with random nonces would reach GCM's limit of 2^32
   * messages within the life of a password on a busy service (NIST SP 800-38D, 8.3).
   */
  #keyAndNonce(keyId: string, salt: Buffer): { key: Buffer; nonce: Buffer } {
    const derived = createHmac('sha512', this.#ring.subkey('payload', keyId)).update(salt).digest();
    return { key: derived.subarray(0, 32), nonce: derived.subarray(32, 44) };
  }
}

const text = (bytes: Uint8Array | null | undefined): string => Buffer.from(bytes ?? []).toString();

/** The data converter option of clients and workers: encrypting if a key is set, otherwise none. */
export const dataConverterFor = (
  keys: readonly [SecretKey, ...SecretKey[]] | undefined,
): { dataConverter?: DataConverter } =>
  keys ? { dataConverter: { payloadCodecs: [new EncryptingCodec(keys)] } } : {};

/** The mode for the start-up log: a misspelt setting is no error, and would leave payloads in clear unnoticed. */
export const payloadMode = (keys: readonly SecretKey[] | undefined): 'encrypted' | 'clear' =>
  keys ? 'encrypted' : 'clear';
