import { readPayloadKeys, type ServiceSettings } from '../../platform/config.ts';

const text = process.env['CLAVE_PAYLOAD_KEY'];

/** With CLAVE_PAYLOAD_KEY set, every test of workflows runs with encrypted payloads (`npm run test:encrypted`). */
export const payloadEnvironment: Readonly<Record<string, string>> = text ? { CLAVE_PAYLOAD_KEY: text } : {};

export type PayloadSettings = Pick<ServiceSettings, 'CLAVE_PAYLOAD_KEY'>;

/** The same setting, parsed for Temporal's clients. */
export function payloadSettings(): PayloadSettings {
  const keys = readPayloadKeys(payloadEnvironment);
  return keys ? { CLAVE_PAYLOAD_KEY: keys } : {};
}
