import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import type { DataConverter, Payload, PayloadCodec } from '@temporalio/common';
import proto from '@temporalio/proto';
import type { SecretKey } from './config.ts';
import { KeyRing } from './secrets.ts';

const wire = proto.temporal.api.common.v1.Payload;

/** What the payload of an encrypted one is called, as Temporal's own examples call it. */
const encrypted = 'binary/encrypted';
const encodingField = 'encoding';
const keyField = 'encryption-key-id';

const saltBytes = 32;
const tagBytes = 16;

/**
 * Encrypts what Temporal keeps of our messages (AES-256-GCM, bound to the key's id). The first key
 * encrypts, all decrypt; what was written in clear before stays readable, so that it can be turned on at any time
 * (docs/adr/0023). Search attributes, ids, types and failures' codes are no payloads and stay in clear.
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
      const { key, nonce } = this.#forOne(keyId, salt);
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(keyId));
      const plain = wire.encode(payload).finish();
      const data = Buffer.concat([salt, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
      return { metadata: { [encodingField]: Buffer.from(encrypted), [keyField]: Buffer.from(keyId) }, data };
    });
  }

  /** @throws Error where the key is not in the ring, or something was tampered with: the task is tried again until it is */
  async decode(payloads: Payload[]): Promise<Payload[]> {
    return payloads.map((payload) => {
      if (text(payload.metadata?.[encodingField]) !== encrypted) return payload;
      const keyId = text(payload.metadata?.[keyField]);
      if (!this.#ring.has(keyId)) throw new Error(`CLAVE_PAYLOAD_KEY has no key with the id ${keyId}`);
      const body = Buffer.from(payload.data ?? []);
      const { key, nonce } = this.#forOne(keyId, body.subarray(0, saltBytes));
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
   * Key and nonce of one payload, derived from its salt: GCM under one key wears out after some thousand million random
   * nonces, which a busy service writes within a password's life.
   */
  #forOne(keyId: string, salt: Buffer): { key: Buffer; nonce: Buffer } {
    const derived = createHmac('sha512', this.#ring.subkey('payload', keyId)).update(salt).digest();
    return { key: derived.subarray(0, 32), nonce: derived.subarray(32, 44) };
  }
}

const text = (bytes: Uint8Array | null | undefined): string => Buffer.from(bytes ?? []).toString();

/** How clients and workers write and read payloads: encrypted if there is a key for it, in clear otherwise. */
export const dataConverterFor = (
  keys: readonly [SecretKey, ...SecretKey[]] | undefined,
): { dataConverter?: DataConverter } =>
  keys ? { dataConverter: { payloadCodecs: [new EncryptingCodec(keys)] } } : {};

/** The same in a word, for the log of a process that starts: a key that is misspelt in the settings is no error. */
export const payloadMode = (keys: readonly SecretKey[] | undefined): 'encrypted' | 'clear' =>
  keys ? 'encrypted' : 'clear';
