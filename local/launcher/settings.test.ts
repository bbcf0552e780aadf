import { createServer, type Server } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { checkSettings, claimPorts, portNames, setVariables } from './settings.ts';

let taken: Server;
let port: number;
beforeAll(async () => {
  taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  port = (taken.address() as { port: number }).port;
});
afterAll(() => {
  taken.close();
});

/** The tests run beside a service that has the usual ports. */
const anyPorts = Object.fromEntries(portNames.map((name) => [name, '0']));

const linesOf = (work: () => unknown): readonly string[] => {
  try {
    work();
    return [];
  } catch (error) {
    return (error as { lines: readonly string[] }).lines;
  }
};

test('all wrong settings are told at once, those of the later processes too', () => {
  expect(linesOf(() => checkSettings({ PORT: 'x', TRUST_PROXY: 'all', TWILIO_ACCOUNT_SID: 'AC1' }))).toEqual([
    'PORT: must be a port number, 0 to 65535',
    'TWILIO_ACCOUNT_SID: must be AC and 32 hexadecimal digits',
    'TWILIO_AUTH_TOKEN: is required',
    'TRUST_PROXY: must be the number of proxies in front',
  ]);
});

test('an empty variable counts as not set', () => {
  expect(setVariables({ DATABASE_URL: '', PORT: '1' })).toEqual({ PORT: '1' });
});

test('each port that is taken is a line with the setting that changes it', async () => {
  const settings = checkSettings({ ...anyPorts, PORT: String(port), TEMPORAL_UI_PORT: String(port) });
  await expect(claimPorts(settings)).rejects.toMatchObject({
    lines: [
      `Port ${port}, meant for the API, is taken by another program: free it, or set PORT to another.`,
      `Port ${port}, meant for Temporal's UI, is taken by another program: free it, or set TEMPORAL_UI_PORT to another.`,
    ],
  });
});

test('0 becomes a free port, each another', async () => {
  const CLAVE_PAYLOAD_KEY = `p1:${Buffer.alloc(32).toString('base64')}`;
  const ports = Object.values(await claimPorts(checkSettings({ ...anyPorts, CLAVE_PAYLOAD_KEY })));
  expect(ports).not.toContain(0);
  expect(new Set(ports).size).toBe(13);
});

test('the codec server needs one only if payloads are encrypted', async () => {
  const settings = checkSettings({ ...anyPorts, CODEC_PORT: String(port) });
  expect((await claimPorts(settings)).CODEC_PORT).toBe(port);
});

test('what is not started here needs no port', async () => {
  const settings = checkSettings({
    ...anyPorts,
    TEMPORAL_PORT: String(port),
    TEMPORAL_ADDRESS: '127.0.0.1:1',
  });
  expect((await claimPorts(settings)).TEMPORAL_PORT).toBe(port);
});
