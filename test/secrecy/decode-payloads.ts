import type { Client } from '@temporalio/client';
import type { Payload } from '@temporalio/common';

const isPayload = (value: object): value is Payload => 'metadata' in value && 'data' in value;

/** A part of a history with its payloads decrypted, if the client has a codec. */
export async function decodePayloads(client: Client, value: unknown): Promise<unknown> {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  if (isPayload(value)) {
    let payloads: Payload[] = [value];
    for (const codec of client.options.loadedDataConverter.payloadCodecs)
      payloads = await codec.decode(payloads);
    return payloads;
  }
  return Promise.all(Object.values(value).map((part) => decodePayloads(client, part)));
}
