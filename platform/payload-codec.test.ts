import { randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import fc from 'fast-check';
import { EncryptingCodec } from './payload-codec.ts';

const key = (id: string) => ({ id, bytes: randomBytes(32) });
const [older, newer] = [key('k1'), key('k2')];
const codec = new EncryptingCodec([older]);

const payloadOf = (value: unknown): Payload => defaultPayloadConverter.toPayload(value);
const content = (payload: Payload | undefined): unknown =>
  defaultPayloadConverter.fromPayload(payload as Payload);
const only = async (payloads: Promise<Payload[]>): Promise<Payload> => (await payloads)[0] as Payload;

describe('a payload', () => {
  test('comes back as it was, whatever it holds', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.jsonValue()), async (values) => {
        const decoded = await codec.decode(await codec.encode(values.map(payloadOf)));
        expect(decoded.map(content)).toEqual(values.map((value) => content(payloadOf(value))));
      }),
    );
  });

  test('shows nothing of its content, nor whether two are the same', async () => {
    const [one, other] = await codec.encode([payloadOf('Zzyzyx'), payloadOf('Zzyzyx')]);
    const shown = Buffer.concat([one?.data ?? [], ...Object.values(one?.metadata ?? {})].map(Buffer.from));
    expect(shown.includes('Zzyzyx')).toBe(false);
    expect(shown.includes('json/plain')).toBe(false);
    expect(Buffer.from(one?.data ?? [])).not.toEqual(Buffer.from(other?.data ?? []));
  });

  test('that was written in clear is read as it is', async () => {
    expect(content(await only(codec.decode([payloadOf({ step: 'otp' })])))).toEqual({ step: 'otp' });
  });

  test('of an older key is read while the ring has it, and written anew by the first', async () => {
    const both = new EncryptingCodec([newer, older]);
    const old = await codec.encode([payloadOf('asleep')]);
    expect(content(await only(both.decode(old)))).toBe('asleep');
    const written = await both.encode([payloadOf('awake')]);
    await expect(codec.decode(written)).rejects.toThrow('CLAVE_PAYLOAD_KEY has no key with the id k2');
  });

  test('is not read with another key of the same name', async () => {
    const encrypted = await codec.encode([payloadOf('asleep')]);
    await expect(new EncryptingCodec([key('k1')]).decode(encrypted)).rejects.toThrow();
  });

  test.each([
    ['a bit of it is turned', (bytes: Buffer) => bytes.writeUInt8(bytes.readUInt8(40) ^ 1, 40)],
    ['its salt is another', (bytes: Buffer) => bytes.writeUInt8(bytes.readUInt8(0) ^ 1, 0)],
    ['its tag is another', (bytes: Buffer) => bytes.writeUInt8((bytes.at(-1) ?? 0) ^ 1, bytes.length - 1)],
  ])('is not read if %s', async (_what, tamper) => {
    const payload = await only(codec.encode([payloadOf('a'.repeat(64))]));
    const data = Buffer.from(payload.data ?? []);
    tamper(data);
    await expect(codec.decode([{ ...payload, data }])).rejects.toThrow();
  });

  test('is not read under the name of another key: the name is bound to it', async () => {
    const same = { id: 'k9', bytes: older.bytes };
    const payload = await only(codec.encode([payloadOf('asleep')]));
    const renamed = {
      ...payload,
      metadata: { ...payload.metadata, 'encryption-key-id': Buffer.from('k9') },
    };
    await expect(new EncryptingCodec([same]).decode([renamed])).rejects.toThrow();
  });

  test('cut short is refused', async () => {
    const payload = await only(codec.encode([payloadOf('asleep')]));
    await expect(
      codec.decode([{ ...payload, data: Buffer.from(payload.data ?? []).subarray(0, 20) }]),
    ).rejects.toThrow();
  });
});
